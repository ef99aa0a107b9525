import { InvalidArgumentError } from 'commander';
import type { OptionRecord } from '../record/command.ts';

/** Keys of VM files, for completion. */
async function keyWords(): Promise<readonly { readonly word: string }[]> {
  const { settableKeys } = await import('../../config/vm-file/schema/settable.ts');
  return settableKeys().map((key) => ({ word: `${key}=` }));
}

export const SET_OPTION: OptionRecord = {
  flags: '--set <key=value>',
  about:
    'a value in place of what the files say, such as name=web-3 or boot_disk.size_gb=40; may be repeated',
  parse: (word, before) => {
    if (!/^[^=]+=/u.test(word))
      throw new InvalidArgumentError('expected a key and its value, such as name=web-3.');
    return Array.isArray(before) ? [...before, word] : [word];
  },
  completes: { kind: 'words', words: keyWords },
};
