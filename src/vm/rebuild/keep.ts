import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { keptPaths } from '../../libvirt-xml/metadata/rebuild.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { Changed } from '../lifecycle/power.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { refuseIfProtected } from '../protection/refuse.ts';
import { withRollback } from '../rollback.ts';
import { stopLentPools } from '../storage/directory-pool.ts';
import { closeOwn, openOwn, sweepAfter } from './directory.ts';
import { lookAtOwn } from './look.ts';
import { record } from './steps.ts';

/**
 * Removes the disk that a VM had before it was rebuilt, and the seed that went with it: what others stand on
 * stays, and is told. From its first step on nothing brings it back, and the same call again does the rest.
 * @param domain the caller disposes of it
 * @throws PlowError (operation, storage) @throws Interrupted
 */
export async function keepNew(domain: Domain, context: VmContext): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  const cannot = `cannot remove the old disk of VM '${name}'`;
  progress.begin('Removing the old disk');
  try {
    const vm = await lookAtOwn(domain, cannot);
    const { rebuild } = vm;
    if (rebuild === undefined) {
      progress.note(`VM '${name}' has no old disk`);
      return 'unchanged';
    }
    refuseIfProtected(name, [vm.stored, vm.live ?? vm.stored], 'its old disk is not removed');
    if (rebuild.state === 'begun') {
      throw new PlowError('operation', `VM '${name}' has its old disk: its rebuild did not end`, {
        hint: `plow rebuild ${shellArgument(name)} does the rest, with --undo it takes back what was done`,
      });
    }
    throwIfInterrupted(context, `VM '${name}' has its new disk, and the old one is kept`);
    if (rebuild.state === 'tried') await record(domain, { ...rebuild, state: 'kept' });
    const opened = await withRollback(
      (onFailure) => openOwn(vm, context, onFailure),
      async (left) => progress.note(`could not take back: ${left.join(', ')}`),
    );
    const former = keptPaths({ ...rebuild, state: 'tried' }, vm.metadata.directory);
    const isSwept = await sweepAfter(vm, opened.pool, context, former);
    await closeOwn(opened, context);
    await stopLentPools(context);
    if (!isSwept) throw new PlowError('storage', `${cannot}: the same command does the rest`);
    await record(domain, undefined);
  } catch (error) {
    throw explainOfVm(error, name, cannot);
  }
  progress.done(`The old disk of VM '${name}' is gone`);
  return 'changed';
}
