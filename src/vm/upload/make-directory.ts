import { isReason } from '../../errors/hypervisor-error.ts';
import { poolXml } from '../../libvirt-xml/write/storage.ts';
import type { VmContext } from '../context.ts';
import { stopTemporaryPool } from '../storage/directory-pool.ts';
import { TEMPORARY_POOL_PREFIX } from '../storage/find-pool.ts';
import { makeStoragePath } from '../storage/make-storage-path.ts';

/** Everybody passes through, QEMU above all, and nobody but root looks what there is. */
const MODE = 0o711;

/** Makes the directory of images that are brought, which stays. @throws HypervisorError */
export async function makeUploadDirectory(path: string, context: VmContext): Promise<void> {
  await makeStoragePath(context);
  const uuid = context.newUuid();
  const document = poolXml({ name: `${TEMPORARY_POOL_PREFIX}${uuid}`, uuid, path, access: { mode: MODE } });
  try {
    using pool = await context.hypervisor.startPool(document, { build: true });
    await stopTemporaryPool(pool, context);
  } catch (error) {
    // Another plow has made it meanwhile.
    if (!isReason(error, 'already-exists')) throw error;
  }
}
