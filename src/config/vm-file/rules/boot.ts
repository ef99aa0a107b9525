import { bootDeviceMistake, bootInterface, bootWord } from '../../values/media.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { listAt, valueAt } from '../../yaml/raw-value.ts';

/** What a boot list cannot name, and interfaces that say otherwise than it. @param file as it was written */
export function bootMistakes(file: unknown): readonly Mistake[] {
  const list = valueAt(file, 'boot');
  if (!Array.isArray(list)) return [];
  const words = listAt(file, 'boot').map((word) =>
    typeof word === 'string' && bootDeviceMistake(word) === undefined ? plain(word) : undefined,
  );
  const interfaces = listAt(file, 'network_interfaces');
  return [
    ...words.flatMap((word, index) => {
      const text = word === undefined ? undefined : whyNot(word, words.indexOf(word), index, file);
      return text === undefined ? [] : [{ path: ['boot', index], text }];
    }),
    ...interfaces.flatMap((one, index) => otherwise(one, index, words)),
  ];
}

/** One word for each device. */
function plain(word: string): string {
  const index = bootInterface(word);
  return index === undefined ? word : bootWord(index);
}

function whyNot(word: string, first: number, index: number, file: unknown): string | undefined {
  if (first !== index) return `${word} is already boot[${first}]`;
  if (word === 'cdrom' && valueAt(file, 'cdrom') === undefined)
    return 'the VM has no drive: give it one with cdrom, or take this out';
  const which = bootInterface(word);
  const count = listAt(file, 'network_interfaces').length;
  if (which === undefined || count === 0 || which < count) return undefined;
  return `there is no network_interfaces[${which}]: the last is ${bootWord(count - 1)}`;
}

/** The list is the whole order, whatever an interface says. */
function otherwise(one: unknown, index: number, words: readonly (string | undefined)[]): readonly Mistake[] {
  if (valueAt(one, 'boot') !== 'network' || words.includes(bootWord(index))) return [];
  const text = `the boot list of the VM does not name it: put ${bootWord(index)} there, or take this out`;
  return [{ path: ['network_interfaces', index, 'boot'], text }];
}
