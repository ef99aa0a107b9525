import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { shellArgument } from '../../../text/shell-quote.ts';
import type { VmContext } from '../../../vm/context.ts';
import type { Selection } from '../../../vm/list/select.ts';
import { findVm } from '../../../vm/list/unknown-vm.ts';
import { createSnapshot } from '../../../vm/snapshot/create.ts';
import { deleteSnapshot } from '../../../vm/snapshot/delete.ts';
import { revertToSnapshot } from '../../../vm/snapshot/revert.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { changeEachVm } from '../../run/each-vm.ts';
import type { EachVm } from '../../run/each-vm.ts';
import type { Settings } from '../../settings/settings.ts';
import { confirmSnapshots } from './confirm.ts';

/** VMs whose disks are frozen, or that are stopped and started, at the same time. */
const AT_ONCE = 4;

export type Change =
  | { readonly action: 'create'; readonly description: string | undefined; readonly ifMissing: boolean }
  | { readonly action: 'revert' }
  | { readonly action: 'delete'; readonly ifExists: boolean };

export interface AskedChange {
  readonly change: Change;
  readonly selection: Selection;
  readonly snapshot: string;
  /** Whether it may be a VM's name that was meant as one. */
  readonly isLastWord: boolean;
  /** On a terminal. */
  readonly mayAsk: boolean;
  readonly format: BatchFormat;
}

/** `plow snapshot create`, `revert` and `delete` @throws PlowError, Interrupted */
export async function runSnapshotChange(
  { change, selection, snapshot, isLastWord, mayAsk, format }: AskedChange,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const { action } = change;
  const ask = format === 'json' ? undefined : environment.ask;
  const work: Pick<EachVm, 'change' | 'before'> = {
    before: async (vms, context) => {
      if (action === 'create') return isLastWord ? refuseVmName(snapshot, context) : undefined;
      if (mayAsk) await confirmSnapshots(action, snapshot, vms, ask, context);
    },
    change: (domain, context) => {
      if (action === 'revert') return revertToSnapshot(domain, snapshot, context);
      if (action === 'delete') return deleteSnapshot(domain, snapshot, context, change.ifExists);
      return createSnapshot(domain, { ...change, name: snapshot }, context);
    },
  };
  const how = { action: `snapshot ${action}`, selection, snapshot, format, atOnce: AT_ONCE } as const;
  await changeEachVm({ ...how, ...work }, all, environment);
}

/** `plow snapshot create web-1 web-2` takes none of web-2. @throws PlowError (operation) */
async function refuseVmName(snapshot: string, { hypervisor }: VmContext): Promise<void> {
  using vm = await findVm(snapshot, hypervisor);
  if (vm === undefined) return;
  const name = printable(snapshot);
  const message = `no snapshot was taken: '${name}', the last word, would be its name, and is that of a VM`;
  throw new PlowError('operation', message, {
    hint: `put the name of the snapshot behind the VMs: ... ${shellArgument(snapshot)} before-upgrade`,
  });
}

/** `20261127-112651`, in UTC. */
export function nameOf(now: Date): string {
  const [day, time] = now.toISOString().slice(0, 19).replaceAll(/[-:]/gu, '').split('T');
  return `${day}-${time}`;
}
