import { posix } from 'node:path';
import { isReason } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { poolXml } from '../libvirt-xml/storage-xml.ts';
import type { PoolDescription } from '../libvirt-xml/storage-xml.ts';
import type { VmContext } from './context.ts';
import type { Pool } from './hypervisor.ts';
import { findAnyPoolByPath, startPoolOn, stopPool } from './lent-pool.ts';
import type { OnFailure } from './rollback.ts';
import { whenIdle } from './when-idle.ts';

/** Of the UUID in the name: enough that no two plows ever hold a pool of one name. */
const MARK_LENGTH = 8;

/**
 * Name of the pool that plow has on a VM's directory while it works there. No two are alike: a handle finds its pool by
 * name, and a create that was overtaken must not find that of another create in its place.
 */
function vmPoolName(vmName: string, uuid: string): string {
  return `plow-${vmName}-${uuid.slice(0, MARK_LENGTH)}`;
}

function isVmPool(poolName: string, vmName: string): boolean {
  return poolName.startsWith(`plow-${vmName}-`) && /-[0-9a-f]{8}$/u.test(poolName);
}

/**
 * Opens a pool on the directory of a new VM and makes the directory if it is not there. What exists already, be it
 * the directory or a pool on it, survives a rollback.
 * @throws PlowError (storage)
 */
export async function makeVmDirectory(
  context: VmContext,
  vmName: string,
  path: string,
  onFailure: OnFailure,
): Promise<{ readonly pool: Pool; readonly release: () => Promise<void> }> {
  const { hypervisor, newUuid } = context;
  const active = await hypervisor.findPoolByPath(path);
  if (active !== undefined) {
    // It may know the directory as it once was, and then overwrite a file that it does not know.
    await whenIdle(active, context, () => active.refresh());
    return { pool: active, release: async () => {} };
  }
  const uuid = newUuid();
  const description = { name: vmPoolName(vmName, uuid), uuid, path };
  try {
    return borrowed(await startPoolOn(hypervisor, description), onFailure);
  } catch (error) {
    if (isReason(error, 'not-a-directory')) {
      throw new PlowError('storage', `${path} exists and is not a directory`, { cause: error });
    }
    if (!isReason(error, 'no-such-file')) throw error;
  }
  const pool = await build(hypervisor, description);
  onFailure(`directory ${path}`, () => removeVmDirectory(hypervisor, description));
  return { pool, release: () => stopPool(pool) };
}

async function build(hypervisor: VmContext['hypervisor'], description: PoolDescription): Promise<Pool> {
  try {
    return await hypervisor.startPool(poolXml(description), { build: true });
  } catch (error) {
    // mkdir(2) found something there that could not be opened a moment ago.
    if (!isReason(error, 'not-empty')) throw error;
    throw new PlowError('storage', `${description.path} is there already, a link to nowhere`, {
      cause: error,
    });
  }
}

function borrowed(
  pool: Pool,
  onFailure: OnFailure,
): { readonly pool: Pool; readonly release: () => Promise<void> } {
  onFailure(`pool ${pool.name}`, () => stopPool(pool));
  return { pool, release: () => stopPool(pool) };
}

/** Removes an empty directory through its running transient pool: only a stopped, defined pool can do that. */
async function removeVmDirectory(
  hypervisor: VmContext['hypervisor'],
  description: PoolDescription,
): Promise<void> {
  await dismantle(await hypervisor.definePool(poolXml(description)), true);
}

/**
 * Stops and forgets a pool of plow's own; with `removeDirectory` its directory goes too, if it is empty. Another
 * plow may have done some of it.
 */
async function dismantle(pool: Pool, removeDirectory: boolean): Promise<void> {
  try {
    await stopIfActive(pool);
    if (removeDirectory) await pool.removeDirectory();
  } catch (error) {
    // The first error is the one to tell.
    await pool.undefine().catch(() => undefined);
    throw error;
  }
  await pool.undefine();
}

async function stopIfActive(pool: Pool): Promise<void> {
  try {
    await stopPool(pool);
  } catch (error) {
    if (isReason(error, 'disconnected') || (await pool.isActive())) throw error;
  }
}

/** A pool on the directory of a VM that is to go. */
export interface OpenDirectory {
  readonly pool: Pool;
  /** True when the pool is plow's own, so that it and the directory can go too. */
  readonly own: boolean;
  /** Stops the pool if it was stopped before, or removes it if it is plow's own. */
  close(removeDirectory: boolean): Promise<void>;
}

/** `elsewhere`: a link stands in its place, and what is behind it may be anyone's. */
export type NotThere = 'missing' | 'elsewhere';

/** Opens a pool on the directory of a VM that is to go. An empty directory is removed on the way. */
export async function openVmDirectory(
  context: VmContext,
  vmName: string,
  path: string,
): Promise<OpenDirectory | NotThere> {
  const { hypervisor, newUuid } = context;
  const found = (await hypervisor.findPoolByPath(path)) ?? (await findAnyPoolByPath(hypervisor, path));
  if (found !== undefined && !isVmPool(found.name, vmName)) return openForeign(found, path, context);
  const uuid = newUuid();
  const fresh = { name: vmPoolName(vmName, uuid), uuid, path };
  const pool = await hypervisor.definePool(found === undefined ? poolXml(fresh) : await found.xml());
  try {
    await stopIfActive(pool);
    const place = await tryToRemove(pool);
    if (place === 'full') {
      await pool.start();
      return { pool, own: true, close: (removeDirectory) => dismantle(pool, removeDirectory) };
    }
    await pool.undefine();
    return place;
  } catch (error) {
    // The first error is the one to tell; an inactive pool that stays is found again by the next destroy.
    await pool.undefine().catch(() => undefined);
    throw error;
  }
}

/** Removing a stopped pool's directory is rmdir(2), which tells a directory from a link to one, and spares a full one. */
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
  const close = (): Promise<void> => (wasActive ? Promise.resolve() : stopPool(pool));
  try {
    await openFresh(pool, context);
  } catch (error) {
    if (isReason(error, 'no-such-file')) return 'missing';
    throw error;
  }
  // An empty directory would be removed by looking, and there is nothing to lose in it.
  const isEmpty = (await pool.volumeNames()).length === 0;
  if (isEmpty || !(await isLink(path, context))) return { pool, own: false, close };
  await close();
  return 'elsewhere';
}

/** Through a second pool, which libvirt allows on a path that is spelt differently. */
async function isLink(path: string, { hypervisor, newUuid }: VmContext): Promise<boolean> {
  const { dir, base } = posix.parse(path);
  const uuid = newUuid();
  const name = `plow-look-${uuid}`;
  const pool = await hypervisor.definePool(
    poolXml({ name, uuid, path: posix.format({ dir: `${dir}/.`, base }) }),
  );
  try {
    return (await tryToRemove(pool)) === 'elsewhere';
  } finally {
    await pool.undefine();
  }
}

/** An active pool, that knows its directory as it is now. */
async function openFresh(pool: Pool, context: VmContext): Promise<void> {
  if (await pool.isActive()) await whenIdle(pool, context, () => pool.refresh());
  else await pool.start();
}
