import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import type { VmContext } from '../context.ts';
import { imageDirectory } from '../image-store/directory.ts';
import { fileOfRecord, recordName } from '../image-store/record.ts';
import type { ImageRecord } from '../image-store/record.ts';
import { removeImage } from '../image-store/remove-image.ts';
import { headOfFile, recordIn } from '../image-store/store.ts';
import { withFreshLookOn } from '../storage/directory-pool.ts';
import { removeVolume } from '../storage/remove-file.ts';
import { lastTouch, whyYoung } from './directories.ts';
import { NOTHING_LEFT } from './garbage.ts';
import type { Fate, Garbage, Left } from './garbage.ts';

/**
 * What plows that were killed have left of a pull or a removal, and records whose image has gone. An image
 * that is whole stays. @throws HypervisorError, Interrupted
 */
export async function findPulls(restMs: number, context: VmContext): Promise<readonly Garbage[]> {
  const directory = imageDirectory(context.storagePath);
  try {
    return await withFreshLookOn(directory, context, async (pool) => {
      const found: Garbage[] = [];
      for (const name of (await pool.volumeNames()).toSorted()) {
        const file = fileOfRecord(name);
        if (file === undefined) continue;
        context.signal.throwIfAborted();
        const half = await lookAt(file, pool);
        if (half !== undefined) found.push(garbageOf(half, restMs, context));
      }
      return found;
    });
  } catch (error) {
    if (isReason(error, 'no-such-file') || isReason(error, 'not-a-directory')) return [];
    throw error;
  }
}

/** What is there of an image that is none. */
interface Half {
  readonly file: string;
  /** Undefined where nothing was written into it. */
  readonly record: ImageRecord | undefined;
  /** Undefined for one that is not there. */
  readonly image: VolumeFacts | undefined;
  readonly touchedAt: number | undefined;
  /** It begins with more than zeros: all of it may be there. */
  readonly hasHead: boolean;
}

/** More than nothing: what is pulled begins with zeros. */
const HEAD_BYTES = 4096;

/** Undefined for an image that is ready, and for what is none of plow's. */
async function lookAt(file: string, pool: Pool): Promise<Half | undefined> {
  const record = await recordIn(pool, file);
  const [ofRecord, image] = [await factsOf(recordName(file), pool), await factsOf(file, pool)];
  if (ofRecord === undefined || (image !== undefined && image.type !== 'file')) return undefined;
  if (record === undefined && !(isEmpty(ofRecord) && (image === undefined || isEmpty(image))))
    return undefined;
  if (record?.status === 'ready' && image !== undefined) return undefined;
  const times = [lastTouch(ofRecord), ...(image === undefined ? [] : [lastTouch(image)])];
  const known = times.filter((time) => time !== undefined);
  const touchedAt = known.length < times.length ? undefined : Math.max(...known);
  const head = image === undefined ? new Uint8Array() : await headOfFile(pool, file, HEAD_BYTES);
  return { file, record, image, touchedAt, hasHead: head.some((byte) => byte !== 0) };
}

function isEmpty({ fileBytes, capacityBytes }: VolumeFacts): boolean {
  return (fileBytes ?? capacityBytes) === 0;
}

async function factsOf(name: string, pool: Pool): Promise<VolumeFacts | undefined> {
  using volume = await pool.findVolume(name);
  return volume && readVolume(await volume.xml());
}

function garbageOf(half: Half, restMs: number, context: VmContext): Garbage {
  const { file, image } = half;
  const path = posix.join(imageDirectory(context.storagePath), file);
  const what = image === undefined ? recordName(path) : path;
  const bytes = image?.allocationBytes;
  return { kind: 'image', what, bytes, why: whyLeft(half), fate: fateOf(half, restMs, context) };
}

function whyLeft({ image, record }: Half): string {
  if (image === undefined) return 'the image that this record is about has gone';
  return record?.status === 'removing'
    ? 'its removal did not come to its end'
    : 'its pull did not come to its end: the same pull begins anew';
}

function fateOf(half: Half, restMs: number, context: VmContext): Fate {
  const stays = whyItStays(half, restMs, context);
  return stays === undefined ? { remove: () => remove(half.file, restMs, context) } : { stays };
}

function whyItStays(
  { record, image, hasHead, touchedAt }: Half,
  restMs: number,
  context: VmContext,
): string | undefined {
  const isWhole = image !== undefined && hasHead && record?.status === 'pulling' && record.content !== null;
  if (isWhole)
    return 'all of it may be there: the same plow image pull says so, plow image remove removes it';
  return whyYoung(touchedAt, restMs, context);
}

/** As `plow image remove` does, which looks for who stands on it. */
async function remove(file: string, restMs: number, context: VmContext): Promise<Left> {
  const directory = imageDirectory(context.storagePath);
  const path = posix.join(directory, file);
  const half = await withFreshLookOn(directory, context, (pool) => lookAt(file, pool));
  if (half === undefined) return new Map([[path, 'it is whole by now, or gone']]);
  const { record, image } = half;
  const stays = whyItStays(half, restMs, context);
  if (stays !== undefined) return new Map([[image === undefined ? recordName(path) : path, stays]]);
  if (record !== undefined && image !== undefined)
    await removeImage({ path, image: { file, record } }, context);
  else
    await withFreshLookOn(directory, context, async (pool) => {
      // One that was killed as it made both has left them empty.
      if (image !== undefined) await removeVolume(pool, file, context);
      await removeVolume(pool, recordName(file), context);
    });
  return NOTHING_LEFT;
}
