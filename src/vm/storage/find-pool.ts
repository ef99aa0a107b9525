import { isReason } from '../../errors/hypervisor-error.ts';
import type { Pool, Storage } from '../../hypervisor/storage.ts';
import { readPool } from '../../libvirt-xml/read/storage.ts';

/** How all pools of plow's are called. */
export const OWN_POOL_PREFIX = 'plow-';

/** Marks pools that any plow stops when it is done with them: one that was killed leaves its own behind. */
export const TEMPORARY_POOL_PREFIX = 'plow-lent-';

/**
 * Runs `work` with all pools, which are disposed of after it, but for one that it gives.
 * @throws HypervisorError, or from `work`
 */
export async function amongPools<T>(
  hypervisor: Pick<Storage, 'listPools'>,
  work: (pools: readonly Pool[]) => Promise<T>,
): Promise<T> {
  const pools = await hypervisor.listPools();
  let given: unknown;
  try {
    const result = await work(pools);
    given = result;
    return result;
  } finally {
    for (const pool of pools) if (pool !== given) pool[Symbol.dispose]();
  }
}

/** The pool on this directory, whether it is active or not. @throws HypervisorError */
export function findAnyPoolByPath(
  hypervisor: Pick<Storage, 'listPools'>,
  path: string,
): Promise<Pool | undefined> {
  return amongPools(hypervisor, async (pools) => {
    for (const pool of pools) {
      if ((await pathOfPool(pool)) === path && !(await isGoing(pool))) return pool;
    }
    return undefined;
  });
}

/** True for a temporary pool that another plow has just stopped. */
async function isGoing(pool: Pool): Promise<boolean> {
  if (!pool.name.startsWith(TEMPORARY_POOL_PREFIX)) return false;
  try {
    return !(await pool.isActive());
  } catch (error) {
    if (isReason(error, 'not-found')) return true;
    throw error;
  }
}

/**
 * Undefined for a pool that went away since it was listed: other plows come and go.
 * @throws HypervisorError
 */
export async function pathOfPool(pool: Pool): Promise<string | undefined> {
  try {
    return readPool(await pool.xml()).path;
  } catch (error) {
    if (isReason(error, 'not-found')) return undefined;
    throw error;
  }
}
