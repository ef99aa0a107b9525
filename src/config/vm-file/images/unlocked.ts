import type { ImagesLock } from '../../images-lock/check.ts';
import { isImageName } from '../../values/names.ts';
import { treeOf } from '../check.ts';
import { vmFiles } from '../files.ts';
import { IMAGE_KEYS, writtenImage } from './image-keys.ts';
import { VmFileReader } from '../reader.ts';

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
    const { value } = treeOf(reading.text).root;
    for (const key of IMAGE_KEYS) {
      const image = writtenImage(value, key);
      if (typeof image !== 'string' || !isImageName(image) || /[@:]/u.test(image)) continue;
      if (!lock.images.has(image)) found.push({ file, name: image });
    }
  }
  return found;
}
