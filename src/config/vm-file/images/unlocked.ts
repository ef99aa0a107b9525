import type { ImagesLock } from '../../images-lock/check.ts';
import { isImageName } from '../../values/names.ts';
import { vmFiles } from '../files.ts';
import { IMAGE_KEYS, writtenImage } from './image-keys.ts';
import { VmFileReader } from '../reader.ts';
import { finishedTrees } from '../template/finish.ts';

/** A VM file that names an image, and the name. */
export interface Unlocked {
  readonly file: string;
  readonly name: string;
}

/**
 * VM files of a directory that name an image which a lock does not have, without saying which version. A file
 * that is no YAML, or no VM, names none.
 */
export async function unlockedIn(directory: string, lock: ImagesLock): Promise<readonly Unlocked[]> {
  const reader = new VmFileReader();
  const found: Unlocked[] = [];
  for (const { file, problem } of vmFiles([directory])) {
    const reading = problem === undefined ? await reader.read(file) : undefined;
    if (reading === undefined || !('text' in reading) || reading.isWithheld) continue;
    const trees = await finishedTrees(file, reading.text, reader);
    const written = trees.flatMap(({ root }) => IMAGE_KEYS.map((key) => writtenImage(root.value, key)));
    for (const image of new Set(written)) {
      if (typeof image !== 'string' || !isImageName(image) || /[@:]/u.test(image)) continue;
      if (!lock.images.has(image)) found.push({ file, name: image });
    }
  }
  return found;
}
