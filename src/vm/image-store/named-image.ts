import { posix } from 'node:path';
import type { BootDisk, ConfigPath, IsSaid, LoadedMachine, Machine } from '../../config/machine.ts';
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
const MEDIUM_KEY = ['cdrom', 'image'] as const;
const SAID: IsSaid = () => true;

/**
 * With its base image and its install medium as this hypervisor has them, where its file names ones that
 * were pulled: `debian-12` is the newest, `debian-12@20260712` that version, `sha256:...` the one with that
 * digest; and with what the base image needs, where the file says nothing of it. So too of a path where such
 * an image lies. Nothing is downloaded.
 * @throws PlowError (validation) where one is not there
 */
export async function withNamedImage(loaded: LoadedMachine, context: VmContext): Promise<LoadedMachine> {
  const { machine, localImage } = loaded;
  const wrong: PlowError[] = [];
  const held = async (key: ConfigPath, finding: Promise<Machine>): Promise<Machine> => {
    try {
      return await finding;
    } catch (error) {
      if (!(error instanceof PlowError) || error.kind !== 'validation') throw error;
      wrong.push(located(error, key, loaded));
      return machine;
    }
  };
  const based =
    localImage === undefined ? await held(KEY, withKnownImage(machine, loaded, context)) : machine;
  const found = await held(MEDIUM_KEY, withNamedMedium(based, loaded, context));
  const [first, second] = wrong;
  if (first !== undefined) throw second === undefined ? first : both(first, second);
  return found === machine ? loaded : { ...loaded, machine: found };
}

function located(error: PlowError, key: ConfigPath, loaded: LoadedMachine): PlowError {
  const { message, hint } = error;
  const mistakes = [loaded.mistake(key, message)];
  return new PlowError('validation', `${loaded.locate(key)}: ${message}`, {
    mistakes,
    ...(hint === undefined ? {} : { hint }),
  });
}

function both(first: PlowError, second: PlowError): PlowError {
  const hint = first.hint ?? second.hint;
  return new PlowError('validation', `${first.message}\n${second.message}`, {
    mistakes: [...first.mistakes, ...second.mistakes],
    ...(hint === undefined ? {} : { hint }),
  });
}

/** As withNamedImage, of the medium alone. @throws PlowError (validation, storage) */
export async function withNamedMedium(
  machine: Machine,
  { mediumLock: lock }: Pick<LoadedMachine, 'mediumLock'>,
  context: VmContext,
): Promise<Machine> {
  const { cdrom, arch } = machine;
  if (cdrom?.image === undefined || !isImageName(cdrom.image)) return machine;
  const find = (word: string): Promise<FoundImage> => imageNamed(word, context);
  const { path } = await findByLock(cdrom.image, { lock, arch }, context, find);
  return { ...machine, cdrom: { ...cdrom, image: path } };
}

/** The path on this hypervisor of an image that a word names. @throws PlowError (validation, storage) */
export async function pathOfNamed(word: string, context: VmContext): Promise<string> {
  return (await imageNamed(word, context)).path;
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
