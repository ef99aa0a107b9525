import { posix } from 'node:path';
import type { Pool } from '../../hypervisor/storage.ts';
import type { VmContext } from '../context.ts';
import { withLookOn } from './directory-pool.ts';
import { whenIdle } from './when-idle.ts';

/**
 * Deletes a file through a pool on its directory, once no job of another client runs there.
 * @param mayGo asked again after a job that was waited for: throws where it may not go any more
 * @returns false where there is none @throws HypervisorError, Interrupted
 */
export async function removeVolume(
  pool: Pool,
  name: string,
  context: VmContext,
  mayGo: () => Promise<void> = async () => {},
): Promise<boolean> {
  using volume = await pool.findVolume(name);
  if (volume === undefined) return false;
  let waited = false;
  await whenIdle(pool, context, async () => {
    if (waited) await mayGo();
    waited = true;
    await volume.delete();
  });
  return true;
}

/**
 * Deletes one file, wherever it lies; that there is none is no error.
 * @param mayGo asked just before: throws where it may not go any more
 * @throws HypervisorError (no-such-file where there is no directory), Interrupted, or from `mayGo`
 */
export async function removeFile(
  path: string,
  context: VmContext,
  mayGo: () => Promise<void> = async () => {},
): Promise<void> {
  const { dir, base } = posix.parse(path);
  await withLookOn(dir, context, async (pool) => {
    await mayGo();
    await removeVolume(pool, base, context, mayGo);
  });
}
