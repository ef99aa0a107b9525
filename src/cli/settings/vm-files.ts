import { VmFileReader } from '../../config/vm-file/reader.ts';
import type { OutsideFiles } from '../options/outside-files.ts';
import type { Settings } from './settings.ts';

/**
 * What reads the VM files of a run, all of them: they have one budget of time and bytes.
 * @param images whether they may name base images of this machine
 */
export function vmFileReader(
  { fileRoots }: Settings,
  { allowOutsideFiles = false, imagesLock, set }: OutsideFiles,
  images = false,
): VmFileReader {
  return new VmFileReader({ anywhere: allowOutsideFiles, roots: fileRoots, images, imagesLock, set });
}
