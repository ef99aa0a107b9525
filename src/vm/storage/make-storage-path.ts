import { isReason } from '../../errors/hypervisor-error.ts';
import { poolXml } from '../../libvirt-xml/write/storage.ts';
import type { VmContext } from '../context.ts';
import { stopTemporaryPool } from './directory-pool.ts';
import { TEMPORARY_POOL_PREFIX } from './find-pool.ts';

/** Nobody but the user passes through what is in their home. */
const MODE = 0o700;

/**
 * Makes the default storage path of a user's session where it is missing, with what is missing above it. It
 * stays, as other tools use it too. @throws HypervisorError
 */
export async function makeStoragePath(context: VmContext): Promise<void> {
  const { hypervisor, makesStoragePath, newUuid, storagePath: path } = context;
  if (makesStoragePath !== true || (await hypervisor.local?.look(path)) !== 'ENOENT') return;
  const uuid = newUuid();
  const document = poolXml({ name: `${TEMPORARY_POOL_PREFIX}${uuid}`, uuid, path, access: { mode: MODE } });
  try {
    using pool = await hypervisor.startPool(document, { build: true });
    await stopTemporaryPool(pool, context);
  } catch (error) {
    // Another plow has made it meanwhile.
    if (!isReason(error, 'not-empty') && !isReason(error, 'already-exists')) throw error;
  }
}
