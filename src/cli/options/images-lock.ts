import type { OptionRecord } from '../record/command.ts';

export interface ImagesLockOption {
  readonly imagesLock?: string;
}

/** @param byDefault where the lock is that nobody names */
export function imagesLockOption(byDefault: string): OptionRecord {
  return {
    flags: '--images-lock <file>',
    about: `lock that says which build the name of an image means (default: images.lock ${byDefault})`,
    completes: { kind: 'files', endings: ['.lock'] },
  };
}
