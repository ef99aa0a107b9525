import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { poolXml } from '../../libvirt-xml/write/storage.ts';
import type { VmContext } from '../context.ts';
import { stopTemporaryPool, withFreshPoolOn } from '../storage/directory-pool.ts';
import { TEMPORARY_POOL_PREFIX } from '../storage/find-pool.ts';
import { makeStoragePath } from '../storage/make-storage-path.ts';

/** Below the storage path. No VM is called so: names of VMs have no dot. */
const FOLDER = 'plow.images';
/** Everybody passes through, QEMU above all, and nobody but root looks what there is. */
const DIRECTORY_MODE = 0o711;
/** Everybody may read an image: QEMU does, for every VM that stands on it. */
export const IMAGE_MODE = 0o644;

/** Where images lie that were pulled or brought. */
export function imageDirectory(storagePath: string): string {
  return posix.join(storagePath, FOLDER);
}

/** Whether a directory is one, be it below another storage path than this plow's. */
export function isInImageDirectory(directory: string): boolean {
  return posix.basename(directory) === FOLDER;
}

/**
 * Runs `work` with a pool on the directory of images, which is made where it is missing, and stays.
 * @throws HypervisorError, PlowError
 */
export async function inImageDirectory<T>(context: VmContext, work: (pool: Pool) => Promise<T>): Promise<T> {
  const path = imageDirectory(context.storagePath);
  try {
    return await withFreshPoolOn(path, context, work);
  } catch (error) {
    if (!isReason(error, 'no-such-file')) throw error;
  }
  await makeDirectory(path, context);
  return withFreshPoolOn(path, context, work);
}

async function makeDirectory(path: string, context: VmContext): Promise<void> {
  await makeStoragePath(context);
  const uuid = context.newUuid();
  const name = `${TEMPORARY_POOL_PREFIX}${uuid}`;
  const document = poolXml({ name, uuid, path, access: { mode: DIRECTORY_MODE } });
  try {
    using pool = await context.hypervisor.startPool(document, { build: true });
    await stopTemporaryPool(pool, context);
  } catch (error) {
    // Another plow has made it meanwhile.
    if (!isReason(error, 'already-exists')) throw error;
  }
}
