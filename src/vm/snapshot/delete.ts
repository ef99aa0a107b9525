import type { Domain } from '../../hypervisor/domain.ts';
import { refuseOnItsWay } from '../protection/on-its-way.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { Changed } from '../lifecycle/power.ts';
import { closeVm, openVm } from './directory.ts';
import { unknownSnapshot } from './list.ts';
import { readVm } from './look.ts';
import { sweep } from './spare.ts';
import { withWork } from './work.ts';

/**
 * Forgets a snapshot, and deletes its files that nobody needs: not those on which the VM, another snapshot or
 * another VM stands. One that a plow which was killed has forgotten already counts as there, as long as files
 * of it are.
 * @param ifExists that there is none is no error @throws PlowError, Interrupted
 */
export async function deleteSnapshot(
  domain: Domain,
  wanted: string,
  context: VmContext,
  ifExists = false,
): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Deleting snapshot '${wanted}' of VM '${name}'`);
  return withWork(`cannot delete snapshot '${wanted}' of VM '${name}'`, name, context, async (onFailure) => {
    const vm = await readVm(domain, context.hypervisor.places);
    refuseOnItsWay(name, vm.stored);
    const open = await openVm(vm, context, onFailure);
    const isThere = vm.records.some((record) => record.name === wanted);
    throwIfInterrupted(context, `VM '${name}' is as it was`);
    if (isThere) await domain.forgetSnapshot(wanted);
    const sweeping = sweep(domain, open.pool, context);
    const { removed, left } = await sweeping.catch((error: unknown) => {
      if (isThere)
        progress.note(
          `snapshot '${wanted}' is forgotten; its files go with the same command, or the next one`,
        );
      throw error;
    });
    const isGone = !isThere && removed.length === 0;
    if (isGone && !ifExists) throw unknownSnapshot(vm, wanted);
    context.settled();
    await closeVm(open, context);
    if (isGone) {
      progress.note(`VM '${name}' has no snapshot '${wanted}'`);
      return 'unchanged';
    }
    progress.done(`Snapshot '${wanted}' of VM '${name}' deleted`);
    if (removed.length === 0) progress.note('its files stay: others stand on them');
    for (const [path, why] of left) progress.note(`left: ${path} (${why})`);
    return 'changed';
  });
}
