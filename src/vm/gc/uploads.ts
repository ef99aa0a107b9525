import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { VmContext } from '../context.ts';
import { withFreshLookOn } from '../storage/directory-pool.ts';
import { removeVolume } from '../storage/remove-file.ts';
import { imageDirectory } from '../image-store/directory.ts';
import { isUploadName } from '../upload/place.ts';
import { HEAD_BYTES, readRecord } from '../upload/record.ts';
import { lastTouch, whyYoung } from './directories.ts';
import { NOTHING_LEFT } from './garbage.ts';
import type { Garbage, Left } from './garbage.ts';

/**
 * Images whose upload did not come to its end: what plow has written in place of their first bytes proves it.
 * @throws HypervisorError, Interrupted
 */
export async function findUploads(restMs: number, context: VmContext): Promise<readonly Garbage[]> {
  const directory = imageDirectory(context.storagePath);
  try {
    return await withFreshLookOn(directory, context, async (pool) => {
      const found: Garbage[] = [];
      for (const name of (await pool.volumeNames()).filter(isUploadName).toSorted()) {
        context.signal.throwIfAborted();
        const seen = await lookAt(name, pool);
        if (seen === undefined) continue;
        const young = whyYoung(seen.touchedAt, restMs, context);
        found.push({
          kind: 'upload',
          what: posix.join(directory, name),
          bytes: seen.bytes,
          why: 'its upload did not come to its end: plow create --upload goes on with it',
          fate: young === undefined ? { remove: () => remove(name, restMs, context) } : { stays: young },
        });
      }
      return found;
    });
  } catch (error) {
    if (isReason(error, 'no-such-file') || isReason(error, 'not-a-directory')) return [];
    throw error;
  }
}

interface Seen {
  readonly bytes: number;
  readonly touchedAt: number | undefined;
}

/** Undefined for an image that is whole, and for what is none of plow's. */
async function lookAt(name: string, pool: Pool): Promise<Seen | undefined> {
  using volume = await pool.findVolume(name);
  const facts = volume && readVolume(await volume.xml());
  if (volume === undefined || facts?.type !== 'file') return undefined;
  if (readRecord(await volume.head(HEAD_BYTES)) === undefined) return undefined;
  return { bytes: facts.allocationBytes, touchedAt: lastTouch(facts) };
}

/** No VM stands on it: nothing but its first bytes would make it an image. */
async function remove(name: string, restMs: number, context: VmContext): Promise<Left> {
  const directory = imageDirectory(context.storagePath);
  const path = posix.join(directory, name);
  return withFreshLookOn(directory, context, async (pool) => {
    const seen = await lookAt(name, pool);
    if (seen === undefined) return new Map([[path, 'it is whole by now, or gone']]);
    const young = whyYoung(seen.touchedAt, restMs, context);
    if (young !== undefined) return new Map([[path, young]]);
    await removeVolume(pool, name, context);
    return NOTHING_LEFT;
  });
}
