import { isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { poolXml } from '../../libvirt-xml/write/storage.ts';
import type { DirectoryAccess, PoolDescription } from '../../libvirt-xml/write/storage.ts';
import type { VmContext } from '../context.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { isElsewhere } from '../at-once.ts';
import { startPoolOn, stopOwnPool } from './directory-pool.ts';
import type { OnFailure } from '../rollback.ts';
import { whenIdle } from './when-idle.ts';

/** Of the UUID in the name: enough that no two plows ever hold a pool of one name. */
const MARK_LENGTH = 8;

/**
 * Name of the pool that plow has on a VM's directory while it works there. No two are alike: a handle finds
 * its pool by name, and a create that was overtaken must not find that of another create in its place.
 */
export function vmPoolName(vmName: string, uuid: string): string {
  return `plow-${vmName}-${uuid.slice(0, MARK_LENGTH)}`;
}

export function isVmPool(poolName: string, vmName: string): boolean {
  return poolName.startsWith(`plow-${vmName}-`) && /-[0-9a-f]{8}$/u.test(poolName);
}

/** The directory of a VM that is made. */
export interface VmDirectory {
  readonly pool: Pool;
  /** True for one that was made just now. */
  readonly isNew: boolean;
  readonly release: () => Promise<void>;
}

/**
 * Opens a pool on the directory of a new VM and makes the directory if it is not there. What exists already,
 * be it the directory or a pool on it, survives a rollback. @param access of a directory that is made
 * @throws PlowError (storage)
 */
export async function makeVmDirectory(
  vmName: string,
  { path, access }: { readonly path: string; readonly access: DirectoryAccess },
  context: VmContext,
  onFailure: OnFailure,
): Promise<VmDirectory> {
  const { hypervisor, newUuid } = context;
  // Elsewhere to ask takes as long as to try.
  const active = isElsewhere(hypervisor) ? undefined : await findActive(path, context);
  if (active !== undefined) return active;
  const uuid = newUuid();
  const description = { name: vmPoolName(vmName, uuid), uuid, path };
  try {
    return borrowed(await startPoolOn(hypervisor, description), onFailure);
  } catch (error) {
    const other = isReason(error, 'already-exists') ? await findActive(path, context) : undefined;
    if (other !== undefined) return other;
    if (isReason(error, 'not-a-directory')) {
      throw new PlowError('storage', `${path} exists and is not a directory`, { cause: error });
    }
    if (!isReason(error, 'no-such-file')) throw error;
  }
  const pool = await build(hypervisor, { ...description, access });
  onFailure(`directory ${path} with pool ${pool.name}`, () => removeVmDirectory(hypervisor, description));
  return { pool, isNew: true, release: () => stopOwnPool(pool) };
}

/** It may know the directory as it once was, and then overwrite a file that it does not know. */
async function findActive(path: string, context: VmContext): Promise<VmDirectory | undefined> {
  const pool = await context.hypervisor.findPoolByPath(path);
  if (pool === undefined) return undefined;
  await whenIdle(pool, context, () => pool.refresh());
  return { pool, isNew: false, release: async () => {} };
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

function borrowed(pool: Pool, onFailure: OnFailure): VmDirectory {
  onFailure(`pool ${pool.name}`, () => stopOwnPool(pool));
  return { pool, isNew: false, release: () => stopOwnPool(pool) };
}

/**
 * Removes an empty directory through its running transient pool: only a stopped, defined pool can do that.
 */
async function removeVmDirectory(
  hypervisor: VmContext['hypervisor'],
  description: PoolDescription,
): Promise<void> {
  await dismantle(await hypervisor.definePool(poolXml(description)), true);
}

/**
 * Stops and forgets a pool of plow's own; with `removeDirectory` its directory goes too, if it is empty.
 * Another plow may have done some of it.
 * @throws HypervisorError
 */
export async function dismantle(pool: Pool, removeDirectory: boolean): Promise<void> {
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

/** @throws HypervisorError */
export async function stopIfActive(pool: Pool): Promise<void> {
  try {
    await stopOwnPool(pool);
  } catch (error) {
    if (isReason(error, 'disconnected') || (await pool.isActive())) throw error;
  }
}
