import type { OptionRecord } from '../record/command.ts';

export interface OutsideFiles {
  readonly allowOutsideFiles?: boolean;
}

export const OUTSIDE_FILES_OPTION: OptionRecord = {
  flags: '--allow-outside-files',
  about: 'let VM files name files outside their own directory, and be links to outside',
};
