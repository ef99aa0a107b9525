import type { OptionRecord } from '../record/command.ts';
import type { ImagesLockOption } from './images-lock.ts';

/** What files besides VM files are read, and which. */
export interface OutsideFiles extends ImagesLockOption {
  readonly allowOutsideFiles?: boolean;
  /** Values in place of what the files say, as `path=value`. */
  readonly set?: readonly string[];
}

export const OUTSIDE_FILES_OPTION: OptionRecord = {
  flags: '--allow-outside-files',
  about: 'let VM files name files outside their own directory, and be links to outside',
};
