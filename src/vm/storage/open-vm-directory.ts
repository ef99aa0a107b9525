import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReason } from '../../errors/hypervisor-error.ts';
import { poolXml } from '../../libvirt-xml/write/storage.ts';
import type { VmContext } from '../context.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { startStopped, stopOwnPool, stopTemporaryPool } from './directory-pool.ts';
import { findAnyPoolByPath, TEMPORARY_POOL_PREFIX } from './find-pool.ts';
import { dismantle, isVmPool, stopIfActive, vmPoolName } from './vm-directory.ts';
import { whenIdle } from './when-idle.ts';

/** A pool on the directory of a VM that is to go, to be disposed of once it is closed. */
export interface OpenDirectory {
  readonly pool: Pool;
  /** True when the pool is plow's own, so that it and the directory can go too. */
  readonly own: boolean;
  /** Stops the pool if it was stopped before, or removes it if it is plow's own. */
  close(removeDirectory: boolean): Promise<void>;
}

/** `elsewhere`: a link stands in its place, and what is behind it may be anyone's. */
export type NotThere = 'missing' | 'elsewhere';

/** How often a pool of another plow is looked at, which may have left it behind as it was killed. */
const LOOKS = 20;
const PAUSE_MS = 50;

/**
 * Waits until another plow that works in the directory of a VM is done: to take its pool away then costs both
 * of them time, and libvirt 9.0 may keep a file of it.
 * @throws HypervisorError
 */
export async function waitForOthers({ hypervisor }: VmContext, vmName: string, path: string): Promise<void> {
  for (let looks = 1; looks <= LOOKS; looks += 1) {
    using found = await findAnyPoolByPath(hypervisor, path);
    if (found === undefined || !isVmPool(found.name, vmName)) return;
    await sleep(Math.random() * 2 * PAUSE_MS);
  }
}

/**
 * Opens a pool on the directory of a VM that is to go. An empty directory is removed on the way.
 * @throws HypervisorError
 */
export async function openVmDirectory(
  context: VmContext,
  vmName: string,
  path: string,
): Promise<OpenDirectory | NotThere> {
  const { hypervisor, newUuid } = context;
  let found = (await hypervisor.findPoolByPath(path)) ?? (await findAnyPoolByPath(hypervisor, path));
  if (found?.name.startsWith(TEMPORARY_POOL_PREFIX) === true) {
    // A destroy of another VM looks into it just now: it notices, and looks again.
    await stopTemporaryPool(found, context);
    found[Symbol.dispose]();
    found = await findAnyPoolByPath(hypervisor, path);
  }
  if (found !== undefined && !isVmPool(found.name, vmName)) return openForeign(found, path, context);
  const uuid = newUuid();
  const fresh = { name: vmPoolName(vmName, uuid), uuid, path };
  const document = await found?.xml();
  found?.[Symbol.dispose]();
  const pool = await hypervisor.definePool(document ?? poolXml(fresh));
  try {
    if (document !== undefined) await stopIfActive(pool);
    const place = await tryToRemove(pool);
    if (place === 'full') {
      await pool.start();
      return { pool, own: true, close: (removeDirectory) => dismantle(pool, removeDirectory) };
    }
    await pool.undefine();
    pool[Symbol.dispose]();
    return place;
  } catch (error) {
    // The first error is the one to tell; an inactive pool that stays is found again by the next destroy.
    await pool.undefine().catch(() => undefined);
    pool[Symbol.dispose]();
    throw error;
  }
}

/**
 * Removing a stopped pool's directory is rmdir(2), which tells a directory from a link to one, and spares a
 * full one.
 */
async function tryToRemove(pool: Pool): Promise<NotThere | 'full'> {
  try {
    await pool.removeDirectory();
    return 'missing';
  } catch (error) {
    if (isReason(error, 'no-such-file')) return 'missing';
    if (isReason(error, 'not-a-directory')) return 'elsewhere';
    if (isReason(error, 'not-empty') || isReason(error, 'in-use')) return 'full';
    throw error;
  }
}

async function openForeign(pool: Pool, path: string, context: VmContext): Promise<OpenDirectory | NotThere> {
  const wasActive = await pool.isActive();
  const close = (): Promise<void> => (wasActive ? Promise.resolve() : stopOwnPool(pool));
  try {
    await openFresh(pool, context);
  } catch (error) {
    pool[Symbol.dispose]();
    if (isReason(error, 'no-such-file')) return 'missing';
    throw error;
  }
  try {
    // An empty directory would be removed by looking, and there is nothing to lose in it.
    const isEmpty = (await pool.volumeNames()).length === 0;
    if (isEmpty || !(await isLink(path, context))) return { pool, own: false, close };
  } catch (error) {
    await close().catch(() => undefined);
    pool[Symbol.dispose]();
    throw error;
  }
  await close();
  pool[Symbol.dispose]();
  return 'elsewhere';
}

/** Of a pool that is only to look whether a directory is a link. */
export const LOOKING_POOL_PREFIX = 'plow-look-';

/**
 * Whether a link stands in place of a directory, which must not be empty: an empty one would be removed.
 * Asked through a second pool, which libvirt allows on a path that is spelt differently.
 * @throws HypervisorError
 */
export async function isLink(path: string, { hypervisor, newUuid }: VmContext): Promise<boolean> {
  const { dir, base } = posix.parse(path);
  const uuid = newUuid();
  const detour = posix.format({ dir: `${dir}/.`, base });
  const left = await findAnyPoolByPath(hypervisor, detour);
  using pool =
    left?.name.startsWith(LOOKING_POOL_PREFIX) === true
      ? left
      : await hypervisor.definePool(poolXml({ name: `${LOOKING_POOL_PREFIX}${uuid}`, uuid, path: detour }));
  try {
    return (await tryToRemove(pool)) === 'elsewhere';
  } finally {
    // One that stays is found again by the next destroy.
    await pool.undefine();
  }
}

/** An active pool, that knows its directory as it is now. */
async function openFresh(pool: Pool, context: VmContext): Promise<void> {
  if (await pool.isActive()) await whenIdle(pool, context, () => pool.refresh());
  else await startStopped(pool);
}
