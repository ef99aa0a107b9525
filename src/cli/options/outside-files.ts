import type { OptionRecord } from '../record/command.ts';

export interface OutsideFiles {
  readonly allowOutsideFiles?: boolean;
}

export const OUTSIDE_FILES_OPTION: OptionRecord = {
  flags: '--allow-outside-files',
  about: 'read what a VM file names outside its own directory, and show mistakes of one that a link leads to',
};
