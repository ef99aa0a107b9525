import { setTimeout as sleep } from 'node:timers/promises';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import type { VmContext } from '../context.ts';
import { recordName } from './record.ts';
import type { ImageRecord } from './record.ts';
import { hasHead, keepRecord, lookAtFile, recordIn, removeFile, takeName } from './store.ts';
import type { ImageStore } from './store.ts';

/** Another plow that has written nothing for so long was killed, or is cut off. */
const QUIET_MS = 5000;
const PAUSE_MS = 500;

/** A file that is to be this plow's. */
export interface Taking {
  readonly file: string;
  /** As it begins. */
  readonly record: ImageRecord;
  /** Whether another record, once it is ready, is of the same image. */
  readonly isSame: (record: ImageRecord) => boolean;
}

/**
 * Takes the name of an image for this plow. What a plow that was killed has left of it goes; an image never
 * does.
 * @returns undefined where it is this plow's now, else the record of the same image, which is there
 * @throws PlowError, HypervisorError, Interrupted
 */
export function takeFile(
  store: ImageStore,
  { file, record, isSame }: Taking,
  { signal }: Pick<VmContext, 'signal'>,
): Promise<ImageRecord | undefined> {
  const path = store.pathOf(file);
  return store.inside(async (pool) => {
    for (;;) {
      signal.throwIfAborted();
      if (await takeName(pool, file, record)) return undefined;
      const other = await recordIn(pool, file);
      if (other?.status === 'ready' && isSame(other)) return other;
      if (other?.status !== 'pulling') throw isOther(path);
      if (await isAtWork(pool, file, signal)) throw isPulled(path);
      if ((await recordIn(pool, file))?.token !== other.token) continue;
      if (await hasHead(pool, file)) {
        // Its plow was killed after the proof, and before it could say so: VMs may stand on it.
        const ready = { ...other, status: 'ready' } as const;
        if (!isSame(ready)) throw isOther(path);
        await keepRecord(pool, file, ready);
        return ready;
      }
      await removeFile(pool, file);
      await removeFile(pool, recordName(file));
    }
  });
}

async function isAtWork(pool: Pool, file: string, signal: AbortSignal): Promise<boolean> {
  const before = await lookAtFile(pool, file);
  for (let waited = 0; waited < QUIET_MS; waited += PAUSE_MS) {
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    const now = await lookAtFile(pool, file);
    if (now?.mark !== before?.mark || now?.bytes !== before?.bytes) return true;
  }
  return false;
}

function isOther(path: string): PlowError {
  return new PlowError('validation', `${path} is there, and is another image`, {
    hint: 'a published image is never overwritten: give another name or version, or remove that one',
  });
}

function isPulled(path: string): PlowError {
  return new PlowError('operation', `another plow pulls ${path} just now`, {
    hint: 'wait until it has come to its end',
  });
}
