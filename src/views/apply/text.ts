import { printable } from '../../text/printable.ts';
import type { PlannedChange, VmPlan } from '../../vm/fleet/plan.ts';
import type { Surplus } from '../../vm/fleet/prune.ts';
import type { Fate } from '../../vm/fleet/words.ts';
import type { Subject } from '../diff/document.ts';
import { changeLine, standingWords } from '../diff/text.ts';
import { nameOf } from '../show/difference.ts';

/** What is done with a VM, for people; of one with which nothing is done, nothing. */
export function planLines({ name, file, host }: Subject, plan: VmPlan): readonly string[] {
  const where = host === undefined ? '' : `${host}: `;
  const { action, changes, diff } = plan;
  const unseen =
    diff.unread === undefined
      ? []
      : [`note: ${where}what sets up the guest of VM '${name}' was not compared: ${diff.unread}`];
  const head = (words: string): string => `${where}VM '${name}' (${file})${words}`;
  if (action === 'create') return [head(' is made')].map(printable);
  if (action === 'refused') return [head(` ${standingWords(diff.standing, name)}`)].map(printable);
  const record = diff.settled.map((what) => `  ${nameOf(what)}: as in the file; plow's record follows`);
  const lines = [...changes.map((one) => `  ${plannedLine(one)}`), ...record];
  return [...(lines.length === 0 ? [] : [head('')]), ...lines, ...unseen].map(printable);
}

/** What becomes of a VM that has no file any more. */
export function surplusLine({ name, kept }: Surplus, host: string | undefined): string {
  const becomes = kept === undefined ? 'it will be destroyed' : `it stays, as it is ${kept.word}`;
  return printable(`${host === undefined ? '' : `${host}: `}VM '${name}' has no file any more: ${becomes}`);
}

/** `vcpus: 2, the file says 4 (reboot): from its next start on`. */
function plannedLine({ change, fate }: PlannedChange): string {
  const words = FATES[fate];
  return `${changeLine(change)}${words === '' ? '' : `: ${words}`}`;
}

const FATES: Readonly<Record<Fate, string>> = {
  now: '',
  stored: 'from its next start on; --allow reboot restarts it',
  waits: '--allow reboot restarts it',
  restart: 'it is restarted',
  reseed: 'its guest is set up again',
  rebuild: 'it gets a new boot disk',
  'needs reseed': 'left; --allow reseed sets its guest up again',
  'needs rebuild': 'left; --allow rebuild gives it a new boot disk',
  'changed by hand': 'left; --overwrite makes it as the file says',
  refused: 'left',
};

/** What of a VM is left, in a few words: `vcpus, disk vdb size`. */
export function leftWords(left: readonly PlannedChange[]): string {
  return left.map(({ change }) => nameOf(change.what)).join(', ');
}

/** How many VMs something is done with. */
export interface PlanCounts {
  readonly created: number;
  readonly changed: number;
  /** Of those that are changed. */
  readonly restarted: number;
  /** That have no file any more, as they are told. */
  readonly destroyed: readonly string[];
  /** With which nothing is done. */
  readonly same: number;
  /** With which nothing can be done. */
  readonly refused: number;
}

/** `plan: 1 VM is made, 2 are changed (1 restarts), 7 stay as they are`. */
export function planSummary({ created, changed, restarted, destroyed, same, refused }: PlanCounts): string {
  const restarts = restarted === 0 ? '' : ` (${restarted} of them off for a while)`;
  const parts = [
    ...(created === 0 ? [] : [`${created} to make`]),
    ...(changed === 0 ? [] : [`${changed} to change${restarts}`]),
    ...(destroyed.length === 0 ? [] : [`${destroyed.length} to destroy`]),
    ...(same === 0
      ? []
      : [`${same} ${created + changed + destroyed.length === 0 ? 'as they are' : 'left as they are'}`]),
    ...(refused === 0 ? [] : [`${refused} that cannot be changed`]),
  ];
  return `plan: ${parts.length === 0 ? 'no VM' : parts.join(', ')}`;
}

/** Undefined where nobody needs to be asked. */
export function planQuestion({ created, changed, restarted, destroyed }: PlanCounts): string | undefined {
  const parts = [
    ...(created === 0 ? [] : [`make ${vms(created)}`]),
    ...(changed === 0 ? [] : [`change ${vms(changed)}`]),
  ];
  const off =
    restarted === 0 ? '' : `, of which ${restarted === 1 ? '1 is' : `${restarted} are`} off for a while`;
  const gone =
    destroyed.length === 0
      ? []
      : [`destroy ${vms(destroyed.length)}: ${destroyed.map(printable).join(', ')}`];
  const all = [...(parts.length === 0 ? [] : [`${parts.join(' and ')}${off}`]), ...gone];
  if (all.length === 0) return undefined;
  const words = all.join(', and ');
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}? [y/N] `;
}

function vms(count: number): string {
  return `${count} ${count === 1 ? 'VM' : 'VMs'}`;
}
