import { PlowError } from '../../errors/plow-error.ts';
import type { Selection } from '../../vm/list/select.ts';
import type { ArgumentRecord, OptionRecord } from '../record/command.ts';
import { checkVmName } from './vm-name.ts';

export interface SelectionOptions {
  readonly all?: boolean;
  readonly tag?: readonly string[];
}

/** Which VMs a command is about, where it can be many. */
export const VM_NAMES: ArgumentRecord = {
  usage: '[vm-name...]',
  about: "names or UUIDs of VMs, or patterns in quotes: 'web-*'",
  completes: { kind: 'vms' },
};

/**
 * As VM_NAMES, with one more word at the end.
 * @param last `<device>`, `[snapshot]` @param about what it is @param isThere of these arguments
 */
export function namesAnd(
  last: string,
  about: string,
  isThere: (args: readonly unknown[]) => boolean = () => true,
): ArgumentRecord {
  const own = last.replaceAll(/[<>[\]]/gu, '');
  return {
    ...VM_NAMES,
    shown: `${VM_NAMES.usage} ${last}`,
    endsOtherwise: isThere,
    about: `${VM_NAMES.about}; ${own}, the last word: ${about}`,
  };
}

/** In place of names. */
export const SELECTION_OPTIONS: readonly OptionRecord[] = [
  { flags: '--all', about: 'all VMs, made by plow or not', conflicts: ['tag'] },
  {
    flags: '--tag <tag>',
    about: 'the VMs with this tag; may be repeated: those with any of them',
    parse: (one, before) => (Array.isArray(before) ? [...before, one] : [one]),
  },
];

/** @throws PlowError (config) where none are named, or some in two ways */
export function selectionOf(
  command: string,
  words: readonly string[],
  { all = false, tag = [] }: SelectionOptions,
): Selection {
  const isByOption = all || tag.length > 0;
  if (words.length === 0 && !isByOption) {
    throw new PlowError('config', `${command} wants the names of VMs, or --all, or --tag`, {
      hint: 'plow list --all shows the VMs there are',
    });
  }
  if (words.length > 0 && isByOption) {
    const option = all ? '--all' : '--tag';
    throw new PlowError('config', `${command} takes names of VMs or ${option}, not both`);
  }
  for (const word of words) checkVmName(command, word);
  return { words, all, tags: tag };
}
