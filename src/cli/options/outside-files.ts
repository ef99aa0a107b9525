import { Option } from 'commander';

export interface OutsideFiles {
  readonly allowOutsideFiles?: boolean;
}

/** `--allow-outside-files` */
export function outsideFilesOption(): Option {
  return new Option(
    '--allow-outside-files',
    'read what a VM file names outside its own directory, and show mistakes of one that a link leads to',
  );
}
