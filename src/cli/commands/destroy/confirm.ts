import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { atStake } from '../../../vm/destroy/at-stake.ts';
import type { AtStake } from '../../../vm/destroy/at-stake.ts';
import type { Environment } from '../../environment.ts';
import { confirmed } from '../../run/confirmed.ts';
import type { Domain } from '../../../hypervisor/domain.ts';

/** How VMs go: with all they have, without their data disks, or so that plow undelete brings them back. */
type Going = 'whole' | 'but data' | 'for a time';

/** A VM that is meant. */
interface Wanted {
  /** As it is told: that of one of several hosts with its host. */
  readonly name: string;
  readonly isNamed: boolean;
  /** Undefined where there is none. */
  readonly find: () => Promise<Domain | undefined>;
}

interface Sure {
  readonly isForced: boolean;
  readonly isSure: boolean;
  readonly undoMinutes: number | undefined;
  readonly keepsData: boolean;
}

/** Whether nobody is asked before such VMs go. */
export function isSettled({ isForced, isSure }: Sure, areNamed: boolean): boolean {
  return isSure || (isForced && areNamed);
}

/** Asks where somebody can be asked; else what is not named is left alone. @throws PlowError, Interrupted */
export async function settleDestroy(
  vms: readonly Wanted[],
  options: Sure,
  ask: Environment['ask'],
  signal: AbortSignal,
): Promise<void> {
  const unseen = vms.filter(({ isNamed }) => !isNamed);
  if (isSettled(options, unseen.length === 0)) return;
  if (ask === undefined) return refuseUnseen(unseen);
  const { undoMinutes, keepsData } = options;
  const going = undoMinutes === undefined ? (keepsData ? 'but data' : 'whole') : 'for a time';
  await confirmDestroy(vms, ask, signal, going);
}

/**
 * Asks once before VMs are destroyed that are several, or of which one runs or is not plow's; of others
 * nothing. Those that are protected are named: they stay.
 * @param ask gives the line that is typed, empty where there is none
 * @throws PlowError (operation) unless the answer is yes; Interrupted
 */
async function confirmDestroy(
  vms: readonly Wanted[],
  ask: (question: string) => Promise<string>,
  signal: AbortSignal,
  going: Going,
): Promise<void> {
  const looked = await Promise.all(
    vms.map(async ({ name, find }) => {
      // One that is gone meanwhile is told of in its turn.
      const domain = await find().catch(() => undefined);
      const stake = domain === undefined ? undefined : await atStake(domain);
      return stake && { ...stake, name };
    }),
  );
  const there = looked.filter((vm) => vm !== undefined);
  const question = questionAbout(there, going);
  if (question === undefined) return;
  if (await confirmed(question, ask, signal)) return;
  throw new PlowError('operation', 'nothing was destroyed: the answer was not yes', {
    hint: '--yes asks nothing',
  });
}

/** Undefined where nobody needs to be asked. */
export function questionAbout(vms: readonly AtStake[], how: Going): string | undefined {
  const going = vms.filter(({ isProtected }) => !isProtected);
  const staying = vms.filter(({ isProtected }) => isProtected);
  const lines = going.flatMap(({ name, runs, isForeign }) => {
    const reasons = [...(runs ? ['runs'] : []), ...(isForeign ? ['was not made by plow'] : [])];
    return reasons.length === 0 ? [] : [`VM '${printable(name)}' ${reasons.join(' and ')}.`];
  });
  // All that comes of those which are protected is an error.
  if (going.length === 0 || (lines.length === 0 && vms.length < 2)) return undefined;
  const kept = staying.map(({ name }) => `VM '${printable(name)}' is protected: it is not destroyed.`);
  const isAlone = vms.length === 1;
  const what = isAlone ? 'it' : these(going.length);
  const its = isAlone ? 'its' : their(going.length);
  const names = isAlone ? '' : `: ${listed(going)}`;
  const asked = {
    whole: `Destroy ${what} with ${its} disks`,
    'but data': `Destroy ${what}, and keep ${its} data disks`,
    'for a time': `Stop and hide ${what}, and keep ${its} disks`,
  }[how];
  return [...lines, ...kept, `${asked}${names}? [y/N] `].join('\n');
}

function these(count: number): string {
  return count === 1 ? 'this VM' : `these ${count} VMs`;
}

function their(count: number): string {
  return count === 1 ? 'its' : 'their';
}

/**
 * For VMs that nobody has named one by one, where nobody can be asked.
 * @throws PlowError (operation) where there are any
 */
function refuseUnseen(vms: readonly { readonly name: string }[]): void {
  if (vms.length === 0) return;
  const are = `${these(vms.length)} ${vms.length === 1 ? 'is' : 'are'}`;
  throw new PlowError('operation', `nothing was destroyed: ${are} meant, but not named: ${listed(vms)}`, {
    hint: '--yes destroys them',
  });
}

function listed(vms: readonly { readonly name: string }[]): string {
  return vms.map(({ name }) => printable(name)).join(', ');
}
