import { PlowError } from '../../errors/plow-error.ts';
import type { VmContext } from '../context.ts';
import type { OnFailure } from '../rollback.ts';
import { couldNotStop, stopOwnPool } from '../storage/directory-pool.ts';
import { vmDirectoryAccess } from '../storage/vm-access.ts';
import { isVmPool, makeVmDirectory } from '../storage/vm-directory.ts';
import type { VmDirectory } from '../storage/vm-directory.ts';
import { chainsOf } from './look.ts';
import type { SnapshotVm } from './look.ts';
import type { Chains } from './chains.ts';

/** A pool on the directory of a VM, and what is in it. */
export interface OpenVm extends VmDirectory {
  readonly chains: Chains;
}

/** @throws PlowError (storage) where it is not there; HypervisorError */
export async function openVm(vm: SnapshotVm, context: VmContext, onFailure: OnFailure): Promise<OpenVm> {
  const where = { path: vm.directory, access: vmDirectoryAccess(undefined) };
  const opened = await makeVmDirectory(vm.name, where, context, onFailure);
  if (opened.isNew) throw new PlowError('storage', `${vm.directory} was not there`);
  const { pool } = opened;
  // That of a plow which was killed is nobody's.
  const release = isVmPool(pool.name, vm.name) ? (): Promise<void> => stopOwnPool(pool) : opened.release;
  return { ...opened, release, chains: await chainsOf(vm, pool, context) };
}

/** What does not stop is told, and no error. */
export async function closeVm(
  { pool, release }: Pick<VmDirectory, 'pool' | 'release'>,
  { progress }: VmContext,
): Promise<void> {
  await release().catch(() => progress.note(couldNotStop(pool)));
}
