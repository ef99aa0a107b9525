import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import type { VmContext } from '../context.ts';
import { removeUnused } from '../ownership/remove-unused.ts';
import type { Swept } from '../ownership/remove-unused.ts';
import { spareFiles } from './chains.ts';
import { chainsOf, readVm } from './look.ts';

/**
 * Deletes what plow made for snapshots of a VM and nobody needs any more: neither the VM, nor a snapshot of
 * it, nor another VM. All is looked at anew just before. @throws PlowError, HypervisorError
 */
export async function sweep(domain: Domain, pool: Pool, context: VmContext): Promise<Swept> {
  const spare = async (): Promise<readonly string[]> =>
    spareFiles(await chainsOf(await readVm(domain, context.hypervisor.places), pool, context));
  return removeUnused({ uuid: domain.uuid }, await spare(), pool, context, spare);
}

/** After all is done: what cannot be removed is told, and no error; the next command of the VM finds it. */
export async function sweepAfter(domain: Domain, pool: Pool, context: VmContext): Promise<void> {
  try {
    const { left } = await sweep(domain, pool, context);
    for (const [path, why] of left) context.progress.note(`left: ${path} (${why})`);
  } catch (error) {
    if (!(error instanceof HypervisorError || error instanceof PlowError)) throw error;
    context.progress.note(
      'could not remove files that are not needed any more: the next snapshot command does',
    );
  }
}
