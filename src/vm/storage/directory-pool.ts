import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import type { HypervisorErrorReason } from '../../errors/hypervisor-error.ts';
import { poolXml } from '../../libvirt-xml/write/storage.ts';
import type { PoolDescription } from '../../libvirt-xml/write/storage.ts';
import { isElsewhere } from '../at-once.ts';
import type { VmContext } from '../context.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import { amongPools, findAnyPoolByPath, OWN_POOL_PREFIX, TEMPORARY_POOL_PREFIX } from './find-pool.ts';

/** How often other plows may take a pool away before that counts as an error. */
const TRIES = 20;
const PAUSE_MS = 10;
/** Before a pool with a job of somebody else is asked again. */
const BUSY_PAUSE_MS = 50;
/** What a call says on a pool that another plow has stopped. */
const GONE: readonly HypervisorErrorReason[] = ['not-found', 'busy'];
/** What opening says when another plow opens or stops one at the same time. */
const CROSSED: readonly HypervisorErrorReason[] = [...GONE, 'already-exists'];

/**
 * Starts a pool that stands still. A transient one does so only for the moment that libvirt 9.0 still lists
 * it after it was stopped: started then, it would leave its status file behind (measured with 32 creates at
 * once).
 * @throws HypervisorError with reason `not-found` for such a one
 */
export async function startStopped(pool: Pool): Promise<void> {
  if (await pool.isPersistent()) return pool.start();
  const call = 'virStoragePoolCreate';
  throw new HypervisorError(`pool ${pool.name} is gone`, { reason: 'not-found', call, code: 0, domain: 0 });
}

interface TemporaryPool {
  readonly pool: Pool;
  /** True for one that is to be stopped again. */
  readonly started: boolean;
  /** True for one that was started just now, and so knows its directory as it is. */
  readonly fresh: boolean;
}

/**
 * Runs `work` with an active pool on a directory that plow only looks into. A pool that exists is used as it
 * is, a stopped one is started for the time, and where there is none a transient one is made; after it all is
 * as it was. libvirt has one pool for a directory, so that plows who run at the same time share it: whenever
 * one stops it under the feet of another, `work` runs again.
 * @throws HypervisorError where the directory cannot be opened, or from `work`
 */
export function withPoolOn<T>(path: string, context: VmContext, work: Work<T>): Promise<T> {
  return runOn(path, context, startPoolOn, work);
}

/**
 * As withPoolOn, but a stopped pool that plow did not make is not started: the volumes are those of a second
 * pool beside it, and their paths have a detour.
 */
export function withLookOn<T>(path: string, context: VmContext, work: Work<T>): Promise<T> {
  return runOn(path, context, startPoolBeside, work);
}

type Work<T> = (pool: Pool, isFresh: boolean) => Promise<T>;

async function runOn<T>(
  path: string,
  context: VmContext,
  start: typeof startPoolOn,
  work: Work<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    let temporary: TemporaryPool | undefined;
    try {
      temporary = await startTemporaryPool(path, context, start);
      return await work(temporary.pool, temporary.fresh);
    } catch (error) {
      if (tries === TRIES || !isOneOf(error, temporary === undefined ? CROSSED : GONE)) throw error;
      await sleep(PAUSE_MS);
    } finally {
      if (temporary?.started === true) await stopTemporaryPool(temporary.pool, context);
      temporary?.pool[Symbol.dispose]();
    }
  }
}

/** As withPoolOn, with a pool that knows its directory as it is now, unless it is busy. */
export function withFreshPoolOn<T>(
  path: string,
  context: VmContext,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  return withPoolOn(path, context, freshly(work));
}

/** As withLookOn, with a pool that knows its directory as it is now, unless it is busy. */
export function withFreshLookOn<T>(
  path: string,
  context: VmContext,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  return withLookOn(path, context, freshly(work));
}

function freshly<T>(work: (pool: Pool) => Promise<T>): Work<T> {
  return async (pool, isFresh) => {
    if (!isFresh) await refreshed(pool);
    return work(pool);
  };
}

function isOneOf(error: unknown, reasons: readonly HypervisorErrorReason[]): boolean {
  return error instanceof HypervisorError && reasons.includes(error.reason);
}

/** How often a temporary pool with a job of somebody else is asked to stop. */
const LENT_TRIES = 5;

/** What is gone was stopped by another plow; what stays busy is in use by one, which stops it then. */
export async function stopTemporaryPool(pool: Pool, { progress }: VmContext): Promise<void> {
  for (let tries = 1; tries <= LENT_TRIES; tries += 1) {
    try {
      return await stopPool(pool);
    } catch (error) {
      if (isReason(error, 'not-found')) return;
      if (!isReason(error, 'busy')) return progress.note(couldNotStop(pool));
    }
    await sleep(BUSY_PAUSE_MS);
  }
}

/**
 * A transient pool of plow's is gone with the libvirtd that had it, and the next one who needs its directory
 * stops it.
 */
export function couldNotStop({ name }: Pool): string {
  const help = name.startsWith(TEMPORARY_POOL_PREFIX)
    ? 'nothing is lost: a plow that looks there again stops it, and so does a restart of libvirtd'
    : `virsh pool-destroy ${shellQuote(name)} stops it`;
  return `could not stop pool ${name}: ${help}`;
}

/** Stops a pool, with a second try: one that stays is in everybody's way. */
async function stopPool(pool: Pool): Promise<void> {
  try {
    await pool.stop();
  } catch (error) {
    if (isOneOf(error, [...GONE, 'disconnected'])) throw error;
    await pool.stop();
  }
}

/** How often a pool with a job of somebody else is asked to stop. */
const BUSY_TRIES = 100;

/**
 * As stopPool, of one that is nobody else's: it waits for a job under way there. One that is stopped already
 * is as good.
 * @throws HypervisorError
 */
export async function stopOwnPool(pool: Pool): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await stopPool(pool);
    } catch (error) {
      if (!isReason(error, 'busy') || tries === BUSY_TRIES) throw error;
      if (!(await pool.isActive())) return;
    }
    await sleep(BUSY_PAUSE_MS);
  }
}

/**
 * A pool that was there before knows free space, modes and volumes as they once were.
 * @returns false of a busy one, which keeps its word
 * @throws HypervisorError
 */
export async function refreshed(pool: Pool): Promise<boolean> {
  try {
    await pool.refresh();
    return true;
  } catch (error) {
    if (isReason(error, 'busy')) return false;
    throw error;
  }
}

/** Stops a pool that a plow which was killed may have left on a directory. @throws HypervisorError */
export async function stopLentPool(path: string, { hypervisor }: VmContext): Promise<void> {
  using pool = await hypervisor.findPoolByPath(path);
  if (pool?.name.startsWith(TEMPORARY_POOL_PREFIX) !== true) return;
  try {
    await stopPool(pool);
  } catch (error) {
    if (!isOneOf(error, GONE)) throw error;
  }
}

/**
 * Stops what plows that were killed have left of such pools, wherever: one that works just now takes another.
 * Where it fails it is told, and no error.
 */
export async function stopLentPools(context: VmContext): Promise<void> {
  try {
    await amongPools(context.hypervisor, async (pools) => {
      for (const pool of pools) {
        if (pool.name.startsWith(TEMPORARY_POOL_PREFIX)) await stopTemporaryPool(pool, context);
      }
    });
  } catch (error) {
    if (!(error instanceof HypervisorError)) throw error;
    context.progress.note('could not look for pools that others left');
  }
}

/** Directories elsewhere of which it is known that no pool was on them, so that nobody asks again. */
const FREE = new WeakMap<Hypervisor, Set<string>>();

/**
 * Learns whether there is a pool on a directory elsewhere, before anything may be opened there, so that
 * withPoolOn need not ask. @throws HypervisorError
 */
export async function learnWhetherFree(path: string, { hypervisor }: VmContext): Promise<void> {
  using found = await hypervisor.guessPoolByPath(path);
  if (found === undefined) freeOn(hypervisor).add(path);
}

/** Has withPoolOn not ask first: on the directory of a VM there is no pool as a rule, or it hears so. */
export function guessFree(path: string, { hypervisor }: VmContext): void {
  freeOn(hypervisor).add(path);
}

function freeOn(hypervisor: Hypervisor): Set<string> {
  const free = FREE.get(hypervisor) ?? new Set<string>();
  FREE.set(hypervisor, free);
  return free;
}

/** Elsewhere others ask at the same time. */
function lookFor(path: string, hypervisor: Hypervisor): Promise<Pool | undefined> {
  return isElsewhere(hypervisor) ? hypervisor.guessPoolByPath(path) : hypervisor.findPoolByPath(path);
}

async function startTemporaryPool(
  path: string,
  { hypervisor, newUuid }: VmContext,
  start: typeof startPoolOn,
): Promise<TemporaryPool> {
  const free = freeOn(hypervisor);
  // Where there is one by now the next try asks.
  const active = free.delete(path) ? undefined : await lookFor(path, hypervisor);
  if (active !== undefined) {
    // One that another plow has lent is as good as new, and may be stopped while it is refreshed.
    const isLent = active.name.startsWith(TEMPORARY_POOL_PREFIX);
    return { pool: active, started: isLent, fresh: isLent };
  }
  const uuid = newUuid();
  const pool = await start(hypervisor, { name: `${TEMPORARY_POOL_PREFIX}${uuid}`, uuid, path });
  if (isElsewhere(hypervisor)) free.add(path);
  return { pool, started: true, fresh: true };
}

/**
 * A transient pool on a directory, or the stopped one that is there already: libvirt refuses a second pool on
 * one directory, and does not find a stopped one by its path.
 * @throws HypervisorError
 */
export async function startPoolOn(hypervisor: Hypervisor, description: PoolDescription): Promise<Pool> {
  try {
    return await hypervisor.startPool(poolXml(description), { build: false });
  } catch (error) {
    if (!isReason(error, 'already-exists')) throw error;
    const existing = await findAnyPoolByPath(hypervisor, description.path);
    if (existing === undefined) throw error;
    try {
      if (await existing.isActive()) throw error;
      await startStopped(existing);
    } catch (failure) {
      existing[Symbol.dispose]();
      throw failure;
    }
    return existing;
  }
}

/** As startPoolOn, but leaves a stopped pool of others as it is. @throws HypervisorError */
async function startPoolBeside(hypervisor: Hypervisor, description: PoolDescription): Promise<Pool> {
  try {
    return await hypervisor.startPool(poolXml(description), { build: false });
  } catch (error) {
    if (!isReason(error, 'already-exists')) throw error;
  }
  using existing = await findAnyPoolByPath(hypervisor, description.path);
  if (existing?.name.startsWith(OWN_POOL_PREFIX) !== false || (await existing.isActive()))
    return startPoolOn(hypervisor, description);
  // libvirt compares paths as they are spelt.
  const { dir, base } = posix.parse(description.path);
  const path = posix.format({ dir: dir === '/' ? '/.' : `${dir}/.`, base });
  const lent = await hypervisor.findPoolByPath(path);
  return lent ?? hypervisor.startPool(poolXml({ ...description, path }), { build: false });
}
