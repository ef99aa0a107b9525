import { isReason } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { poolXml } from '../libvirt-xml/storage-xml.ts';
import type { PoolDescription } from '../libvirt-xml/storage-xml.ts';
import type { VmContext } from './context.ts';
import type { Pool } from './hypervisor.ts';
import { findAnyPoolByPath, startPoolOn, stopPool } from './lent-pool.ts';
import type { OnFailure } from './rollback.ts';
import { whenIdle } from './when-idle.ts';

/** Name of the pool that plow has on a VM's directory while it works there. */
function vmPoolName(vmName: string): string {
  return `plow-${vmName}`;
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
  const description = { name: vmPoolName(vmName), uuid: newUuid(), path };
  try {
    return borrowed(await startPoolOn(hypervisor, description), onFailure);
  } catch (error) {
    if (isReason(error, 'not-a-directory')) {
      throw new PlowError('storage', `${path} exists and is not a directory`, { cause: error });
    }
    if (!isReason(error, 'no-such-file')) throw error;
  }
  const pool = await hypervisor.startPool(poolXml(description), { build: true });
  onFailure(`directory ${path}`, () => removeVmDirectory(hypervisor, description));
  return { pool, release: () => stopPool(pool) };
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

/** @returns undefined where the directory does not exist */
export async function openVmDirectory(
  { hypervisor, newUuid }: VmContext,
  vmName: string,
  path: string,
): Promise<OpenDirectory | undefined> {
  const name = vmPoolName(vmName);
  const found = (await hypervisor.findPoolByPath(path)) ?? (await findAnyPoolByPath(hypervisor, path));
  if (found !== undefined && found.name !== name) return openForeign(found);
  const uuid = newUuid();
  const pool = await hypervisor.definePool(
    found === undefined ? poolXml({ name, uuid, path }) : await found.xml(),
  );
  try {
    await openFresh(pool);
  } catch (error) {
    // The first error is the one to tell; an inactive pool that stays is found again by the next destroy.
    await pool.undefine().catch(() => undefined);
    if (isReason(error, 'no-such-file')) return undefined;
    throw error;
  }
  return { pool, own: true, close: (removeDirectory) => dismantle(pool, removeDirectory) };
}

async function openForeign(pool: Pool): Promise<OpenDirectory | undefined> {
  const wasActive = await pool.isActive();
  try {
    await openFresh(pool);
  } catch (error) {
    if (isReason(error, 'no-such-file')) return undefined;
    throw error;
  }
  return { pool, own: false, close: () => (wasActive ? Promise.resolve() : stopPool(pool)) };
}

/** An active pool, that knows its directory as it is now. */
async function openFresh(pool: Pool): Promise<void> {
  if (await pool.isActive()) await pool.refresh();
  else await pool.start();
}
