import { setTimeout as sleep } from 'node:timers/promises';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { VmContext } from '../context.ts';
import type { Pool } from '../../hypervisor/storage.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1000;
/** Copying a large image takes minutes. */
const PATIENCE_MS = 10 * 60_000;
/** A wait that a person notices. */
const TOLD_AFTER_MS = 2000;

/**
 * Runs `work` on an active pool, again while libvirt refuses it because of a job of another client: an upload
 * or a copy under way there ("pool has asynchronous jobs running"). @throws HypervisorError, Interrupted
 */
export async function whenIdle<T>(
  pool: Pool,
  { signal, progress }: VmContext,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  let isReported = false;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      const waited = performance.now() - started;
      if (!isReason(error, 'busy') || waited > PATIENCE_MS || !(await isActive(pool))) throw error;
      if (!isReported && waited > TOLD_AFTER_MS) {
        progress.note(`waiting for another job on pool ${pool.name}`);
        isReported = true;
      }
    }
    signal.throwIfAborted();
    await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** A pool that is stopped refuses with the same error number, and would do so for ever. */
async function isActive(pool: Pool): Promise<boolean> {
  try {
    return await pool.isActive();
  } catch {
    return false;
  }
}
