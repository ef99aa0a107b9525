import { posix } from 'node:path';
import { isBootDiskFile, isMarkedFile, isProvisioningFile } from '../../config/vm-paths.ts';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import type { VmContext } from '../context.ts';
import { removeUnused } from '../ownership/remove-unused.ts';
import type { OnFailure } from '../rollback.ts';
import { couldNotStop, stopOwnPool } from '../storage/directory-pool.ts';
import { vmDirectoryAccess } from '../storage/vm-access.ts';
import { isVmPool, makeVmDirectory } from '../storage/vm-directory.ts';
import type { VmDirectory } from '../storage/vm-directory.ts';
import { lookAtOwn, namedPaths } from './look.ts';
import type { OwnVm } from './look.ts';

/** A pool on the directory of a VM. @throws PlowError (storage) where that is not there; HypervisorError */
export async function openOwn(
  { domain: { name }, metadata: { directory: path } }: OwnVm,
  context: VmContext,
  onFailure: OnFailure,
): Promise<VmDirectory> {
  const where = { path, access: vmDirectoryAccess(undefined) };
  const opened = await makeVmDirectory(name, where, context, onFailure);
  if (opened.isNew) throw new PlowError('storage', `${path} was not there`);
  const { pool } = opened;
  // That of a plow which was killed is nobody's.
  return isVmPool(pool.name, name) ? { ...opened, release: () => stopOwnPool(pool) } : opened;
}

/** What does not stop is told, and no error. */
export async function closeOwn({ pool, release }: VmDirectory, { progress }: VmContext): Promise<void> {
  await release().catch(() => progress.note(couldNotStop(pool)));
}

/**
 * Deletes what came anew to a VM and is of no use, and what that took the place of: seeds, configs and boot
 * disks that neither its documents nor its record of a rebuild name. All is looked at anew just before.
 * @throws PlowError, HypervisorError
 */
async function sweepOwn(
  vm: OwnVm,
  pool: Pool,
  context: VmContext,
  former: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { domain } = vm;
  const spare = async (): Promise<readonly string[]> => {
    const now = await lookAtOwn(domain, `cannot look at VM '${domain.name}'`);
    return spareOf(now, await pool.volumeNames(), former);
  };
  const { left } = await removeUnused({ uuid: domain.uuid }, await spare(), pool, context, spare);
  return left;
}

/** Of a VM that was never rebuilt nothing counts as spare but what has a mark. */
function spareOf(vm: OwnVm, files: readonly string[], former: readonly string[]): readonly string[] {
  const { directory, declared } = vm.metadata;
  const named = namedPaths(vm);
  const isFormer = (file: string): boolean =>
    (declared.bootDisk.file !== undefined && isBootDiskFile(file)) ||
    (declared.provisioning?.file !== undefined && isProvisioningFile(file));
  const paths = files.map((file) => posix.join(directory, file));
  return paths.filter((path) => {
    const file = posix.basename(path);
    return !named.has(path) && (isMarkedFile(file) || isFormer(file) || former.includes(path));
  });
}

/**
 * After all is done: what cannot be removed is told, and no error.
 * @param former paths of what the VM has no more @returns whether it could be
 */
export async function sweepAfter(
  vm: OwnVm,
  pool: Pool,
  context: VmContext,
  former: readonly string[] = [],
): Promise<boolean> {
  try {
    const left = await sweepOwn(vm, pool, context, former);
    for (const [path, why] of left) context.progress.note(`left: ${path} (${why})`);
    return true;
  } catch (error) {
    if (!(error instanceof HypervisorError || error instanceof PlowError)) throw error;
    context.progress.note('could not remove files that are not needed any more: plow gc names them');
    return false;
  }
}
