import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import type { VmContext } from '../../../vm/context.ts';
import type { SelectedVm } from '../../../vm/list/select.ts';
import { listedSnapshot } from '../../../vm/snapshot/list.ts';
import type { Environment } from '../../environment.ts';
import { confirmed } from '../../run/confirmed.ts';

/**
 * Before VMs go back to a snapshot, or lose it. Where nobody can be asked, it is for VMs that are named only.
 * @throws PlowError (operation) unless the answer is yes; Interrupted
 */
export async function confirmSnapshots(
  action: 'revert' | 'delete',
  snapshot: string,
  vms: readonly SelectedVm[],
  ask: Environment['ask'],
  context: VmContext,
): Promise<void> {
  const names = vms.map(({ name }) => `'${printable(name)}'`).join(', ');
  const [only] = vms;
  if (only === undefined) return;
  const hint = '--yes asks nothing';
  if (ask === undefined) {
    if (vms.every(({ isNamed }) => isNamed)) return;
    throw new PlowError('operation', `nothing was changed: VMs that are not named are meant: ${names}`, {
      hint,
    });
  }
  if (vms.length === 1) {
    if (action === 'delete') return;
    // Nobody is asked about one that is not there.
    using domain = await only.find();
    await listedSnapshot(domain, snapshot, context);
  }
  if (await confirmed(questionOf(action, printable(snapshot), names, vms.length), ask, context.signal))
    return;
  throw new PlowError('operation', 'nothing was changed: the answer was not yes', { hint });
}

function questionOf(action: 'revert' | 'delete', snapshot: string, names: string, count: number): string {
  if (action === 'delete') return `Delete snapshot '${snapshot}' of ${count} VMs: ${names}? [y/N] `;
  const lose = count === 1 ? `VM ${names} loses` : `${count} VMs lose`;
  const rest = count === 1 ? '' : `: ${names}`;
  return `${lose} what was written since snapshot '${snapshot}'${rest}.\nGo back to it? [y/N] `;
}
