import { printable } from '../../text/printable.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { Change } from '../../vm/fleet/change.ts';
import type { VmDiff } from '../../vm/fleet/diff-vm.ts';
import type { Standing } from '../../vm/fleet/words.ts';
import { nameOf, valueText } from '../show/difference.ts';
import type { Subject } from './document.ts';

/** What a VM needs to be as its file says, for people; of one that is so, nothing. */
export function diffLines({ name, file, host }: Subject, diff: VmDiff): readonly string[] {
  const where = host === undefined ? '' : `${host}: `;
  const { standing, changes, unread } = diff;
  const unseen =
    unread === undefined
      ? []
      : [`note: ${where}what sets up the guest of VM '${name}' was not compared: ${unread}`];
  if (standing === 'same') return unseen.map(printable);
  const head = `${where}VM '${name}' (${file})${standing === 'different' ? '' : ` ${STANDS[standing](name)}`}`;
  return [head, ...changes.map((change) => `  ${changeLine(change)}`), ...unseen].map(printable);
}

/** What stands in the way, in words. */
export function standingWords(standing: Standing, name: string): string {
  return standing === 'same' || standing === 'different' ? '' : STANDS[standing](name);
}

const STANDS: Readonly<Record<Exclude<Standing, 'same' | 'different'>, (name: string) => string>> = {
  absent: () => 'is not there: plow apply makes it',
  foreign: (name) => `was not made by plow: plow export --adopt -d . ${shellArgument(name)} makes it plow's`,
  incomplete: (name) => `is incomplete: plow destroy ${shellArgument(name)} removes what there is of it`,
  destroyed: (name) => `was destroyed: plow undelete ${shellArgument(name)} brings it back`,
};

/** `vcpus: 2, the file says 4 (live)`. */
export function changeLine({ what, file, made, stored, live, verdict, cause, isPending }: Change): string {
  const name = nameOf(what);
  if (file === undefined || stored === undefined) return `${name}: another one in the file (${verdict})`;
  const show = (value: NonNullable<typeof file> | null): string => valueText(what, value);
  if (isPending && live !== undefined)
    return `${name}: ${show(live)} now, ${show(stored)} as in the file from the next start on (${verdict})`;
  const was = made === undefined || made === null ? '' : `; made with ${show(made)}`;
  const changed = { file: '', vm: '; the VM was changed', both: `; both were changed${was}` }[cause];
  return `${name}: ${show(stored)}, the file says ${show(file)} (${verdict}${changed})`;
}

/** `5 VMs: 3 the same, 1 different, 1 not there`. */
export function diffSummary(standings: readonly (Standing | 'failed')[]): string {
  const counted = Object.entries(WORDS).flatMap(([standing, word]) => {
    const count = standings.filter((one) => one === standing).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  const all = `${standings.length} ${standings.length === 1 ? 'VM' : 'VMs'}`;
  return counted.length === 0 ? all : `${all}: ${counted.join(', ')}`;
}

const WORDS: Readonly<Record<Standing | 'failed', string>> = {
  same: 'the same',
  different: 'different',
  absent: 'not there',
  foreign: 'not made by plow',
  incomplete: 'incomplete',
  destroyed: 'destroyed',
  failed: 'not compared',
};
