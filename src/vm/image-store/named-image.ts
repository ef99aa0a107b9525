import { posix } from 'node:path';
import type { LoadedMachine } from '../../config/machine.ts';
import { isImageName } from '../../config/values/names.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { chooseDirectories } from '../host/choose-directories.ts';
import type { DirectoryView } from '../host/directories.ts';
import { imageDirectory } from './directory.ts';
import { findImage } from './find-image.ts';
import { fileOfRecord, readRecord, RECORD_BYTES } from './record.ts';
import type { StoredImage } from './store.ts';

const KEY = ['boot_disk', 'image'] as const;

/**
 * With the path of its base image, where its file names one that was pulled: `debian-12` is the newest on
 * this hypervisor, `debian-12@20260712` that version, `sha256:...` the one with that digest. Nothing is
 * downloaded.
 * @throws PlowError (validation) where it is not there
 */
export async function withNamedImage(loaded: LoadedMachine, context: VmContext): Promise<LoadedMachine> {
  const { image } = loaded.machine.bootDisk;
  if (image === undefined || !isImageName(image)) return loaded;
  const path = await pathOfImage(image, context).catch((error: unknown) => {
    throw error instanceof PlowError && error.kind === 'validation' ? located(error, loaded) : error;
  });
  const { machine } = loaded;
  return { ...loaded, machine: { ...machine, bootDisk: { ...machine.bootDisk, image: path } } };
}

function located(error: PlowError, loaded: LoadedMachine): PlowError {
  const { message, hint } = error;
  const mistakes = [loaded.mistake(KEY, message)];
  return new PlowError('validation', `${loaded.locate(KEY)}: ${message}`, {
    mistakes,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** @throws PlowError (validation, storage) */
export async function pathOfImage(word: string, context: VmContext): Promise<string> {
  const directory = imageDirectory(context.storagePath);
  const looking = chooseDirectories(context).visit(directory, (view) => imagesIn(view, context));
  const seen = await explaining(looking, 'storage', `cannot look for the image ${word}`);
  if (seen === 'unseen' || seen === undefined) {
    throw new PlowError('storage', `it cannot be seen which image ${word} is: no pool shows ${directory}`, {
      hint: 'give the path of the image; a command that may change something looks for itself',
    });
  }
  return posix.join(directory, findImage(typeof seen === 'string' ? [] : seen, word).file);
}

/** All there are; undefined where a record cannot be read. */
async function imagesIn(
  view: DirectoryView,
  { hypervisor, storagePath }: VmContext,
): Promise<readonly StoredImage[] | undefined> {
  const names = (await view.names()) ?? [];
  const found: StoredImage[] = [];
  for (const recorded of names) {
    const file = fileOfRecord(recorded);
    if (file === undefined || !names.includes(file)) continue;
    const here = await hypervisor.local?.read(posix.join(imageDirectory(storagePath), recorded));
    const bytes =
      here === undefined ? await view.head(recorded, RECORD_BYTES) : new TextEncoder().encode(here);
    if (bytes === undefined) return undefined;
    const record = readRecord(bytes);
    if (record !== undefined) found.push({ file, record });
  }
  return found;
}
