import { posix } from 'node:path';
import type { BootDisk, IsSaid, LoadedMachine, Machine } from '../../config/machine.ts';
import { settleImage } from '../../config/settle.ts';
import { isImageName } from '../../config/values/names.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { chooseDirectories } from '../host/choose-directories.ts';
import type { DirectoryView } from '../host/directories.ts';
import { imageDirectory } from './directory.ts';
import { findImage } from './find-image.ts';
import { findByLock } from './locked-image.ts';
import { fileOfRecord, readRecord, RECORD_BYTES, recordName } from './record.ts';
import type { ImageRecord } from './record.ts';
import type { StoredImage } from './store.ts';

const KEY = ['boot_disk', 'image'] as const;
const SAID: IsSaid = () => true;

/**
 * With its base image as this hypervisor has it, where its file names one that was pulled: `debian-12` is the
 * newest, `debian-12@20260712` that version, `sha256:...` the one with that digest; and with what that image
 * needs, where the file says nothing of it. So too of a path where such an image lies. Nothing is downloaded.
 * @throws PlowError (validation) where it is not there
 */
export async function withNamedImage(loaded: LoadedMachine, context: VmContext): Promise<LoadedMachine> {
  const { machine, localImage } = loaded;
  if (localImage !== undefined) return loaded;
  const finding = withKnownImage(machine, loaded, context).catch((error: unknown) => {
    throw error instanceof PlowError && error.kind === 'validation' ? located(error, loaded) : error;
  });
  const found = await finding;
  return found === machine ? loaded : { ...loaded, machine: found };
}

function located(error: PlowError, loaded: LoadedMachine): PlowError {
  const { message, hint } = error;
  const mistakes = [loaded.mistake(KEY, message)];
  return new PlowError('validation', `${loaded.locate(KEY)}: ${message}`, {
    mistakes,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** As withNamedImage, of a machine. @throws PlowError (validation, storage) */
export async function withKnownImage(
  machine: Machine,
  { isSaid = SAID, imageLock: lock }: Pick<LoadedMachine, 'isSaid' | 'imageLock'>,
  context: VmContext,
): Promise<Machine> {
  const { arch } = machine;
  const { image } = machine.bootDisk;
  if (image === undefined) return machine;
  const find = (word: string): Promise<FoundImage> => imageNamed(word, context);
  const known = isImageName(image)
    ? await findByLock(image, { lock, arch }, context, find)
    : await imageAt(image, context);
  if (known === undefined) return machine;
  return settleImage({ ...machine, bootDisk: { ...machine.bootDisk, image: known.path, known } }, isSaid);
}

/** A base image that has a record. */
type FoundImage = NonNullable<BootDisk['known']>;

/** @throws PlowError (validation, storage) */
async function imageNamed(word: string, context: VmContext): Promise<FoundImage> {
  const directory = imageDirectory(context.storagePath);
  const looking = chooseDirectories(context).visit(directory, (view) => imagesIn(view, context));
  const seen = await explaining(looking, 'storage', `cannot look for the image ${word}`);
  if (seen === 'unseen' || seen === undefined) {
    throw new PlowError('storage', `it cannot be seen which image ${word} is: no pool shows ${directory}`, {
      hint: 'give the path of the image; a command that may change something looks for itself',
    });
  }
  return asKnown(findImage(typeof seen === 'string' ? [] : seen, word), context);
}

/**
 * The image at a path, where that is among those that were pulled, and its record can be seen: of any other
 * path nobody is asked. @throws PlowError (storage)
 */
export async function imageAt(path: string, context: VmContext): Promise<FoundImage | undefined> {
  const directory = imageDirectory(context.storagePath);
  if (posix.dirname(path) !== directory) return undefined;
  const file = posix.basename(path);
  const looking = chooseDirectories(context).visit(directory, async (view) => {
    const names = await view.names();
    return names?.includes(recordName(file)) === true ? recordOf(file, view, context) : undefined;
  });
  const seen = await explaining(looking, 'storage', `cannot look at the image ${path}`);
  const record = typeof seen === 'object' ? seen.record : undefined;
  return record?.status === 'ready' ? asKnown({ file, record }, context) : undefined;
}

function asKnown({ file, record }: StoredImage, { storagePath }: VmContext): FoundImage {
  const { name, version, content, needs } = record;
  return {
    name,
    version,
    digest: content ?? undefined,
    path: posix.join(imageDirectory(storagePath), file),
    needs,
  };
}

/** All there are; undefined where a record cannot be read. */
async function imagesIn(
  view: DirectoryView,
  context: VmContext,
): Promise<readonly StoredImage[] | undefined> {
  const names = (await view.names()) ?? [];
  const found: StoredImage[] = [];
  for (const recorded of names) {
    const file = fileOfRecord(recorded);
    if (file === undefined || !names.includes(file)) continue;
    const seen = await recordOf(file, view, context);
    if (seen === undefined) return undefined;
    const { record } = seen;
    if (record !== undefined) found.push({ file, record });
  }
  return found;
}

/** Its record, undefined where that is none; undefined where it cannot be read. */
async function recordOf(
  file: string,
  view: DirectoryView,
  { hypervisor, storagePath }: VmContext,
): Promise<{ readonly record: ImageRecord | undefined } | undefined> {
  const name = recordName(file);
  const here = await hypervisor.local?.read(posix.join(imageDirectory(storagePath), name));
  const bytes = here === undefined ? await view.head(name, RECORD_BYTES) : new TextEncoder().encode(here);
  return bytes && { record: readRecord(bytes) };
}
