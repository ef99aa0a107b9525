import { isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool, Volume } from '../../hypervisor/storage.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import { MIB } from '../../text/units.ts';
import type { VmContext } from '../context.ts';
import { explain } from '../failure.ts';
import { withFreshPoolOn } from '../storage/directory-pool.ts';
import { lastLines } from './bytes.ts';
import type { LogPlace } from './place.ts';

/** virtlogd keeps 8 MiB unless it is told otherwise; a libvirtd that writes the log itself has no bound. */
const MOST_BYTES = 16 * MIB;
/** Bytes before a position that must be the same again: else another file has taken the place of the log. */
const OVERLAP_BYTES = 64;

/** A log up to where it was read. */
export interface ReadLog {
  readonly bytes: Uint8Array;
  /** What there is more of than was read: older bytes, or older lines, were left out. */
  readonly cut: 'bytes' | 'lines' | undefined;
  readonly position: LogPosition;
  /** When the current file was written last, in seconds since 1970, as far as libvirt tells. */
  readonly writtenAt: number | undefined;
}

/** Up to where the current file of a log was read. */
export interface LogPosition {
  /** In bytes. */
  readonly offset: number;
  /** The bytes before it. */
  readonly before: Uint8Array;
}

/**
 * All that is kept of a console, the oldest first, through a pool on its directory: so also of another
 * machine. @param mostBytes of the end of it @throws PlowError (storage)
 */
export function readLog(place: LogPlace, context: VmContext, mostBytes = MOST_BYTES): Promise<ReadLog> {
  return withLogPool(place, context, async (pool) => {
    const names = new Set(await pool.volumeNames());
    const parts: Uint8Array[] = [];
    let rest = mostBytes;
    let isCut = false;
    let current: Uint8Array = new Uint8Array();
    let offset = 0;
    let writtenAt: number | undefined;
    for (let part = -1; rest > 0; part += 1) {
      const name = part < 0 ? place.file : partName(place, part);
      if (!names.has(name)) {
        if (part < 0) continue;
        break;
      }
      using volume = await pool.findVolume(name);
      if (volume === undefined) break;
      const { from, bytes, written } = await tailOf(volume, rest);
      isCut = from > 0;
      rest -= bytes.length;
      parts.unshift(bytes);
      if (part < 0) [current, offset, writtenAt] = [bytes, from + bytes.length, written];
    }
    const all = Buffer.concat(parts);
    const bytes = lastLines(all);
    const cut = bytes.length < all.length ? 'lines' : isCut ? 'bytes' : undefined;
    return { bytes, cut, position: positionAt(offset, current), writtenAt };
  });
}

/**
 * What was written after a position, also where the log was begun anew since. @param mostBytes of each file
 * @throws PlowError (storage)
 */
export function readOn(
  { offset, before }: LogPosition,
  place: LogPlace,
  context: VmContext,
  mostBytes = MOST_BYTES,
): Promise<{ readonly bytes: Uint8Array; readonly position: LogPosition }> {
  return withLogPool(place, context, async (pool) => {
    const on = await after(pool, place.file, { offset, before }, mostBytes);
    if (on !== undefined) {
      const end = offset + on.length;
      return { bytes: on, position: positionAt(end, Buffer.concat([before, on])) };
    }
    const old = (await after(pool, partName(place, 0), { offset, before }, mostBytes)) ?? new Uint8Array();
    const fresh = (await after(pool, place.file, START, mostBytes)) ?? new Uint8Array();
    return { bytes: Buffer.concat([old, fresh]), position: positionAt(fresh.length, fresh) };
  });
}

const START: LogPosition = { offset: 0, before: new Uint8Array() };

function positionAt(offset: number, readBytes: Uint8Array): LogPosition {
  return { offset, before: readBytes.slice(-OVERLAP_BYTES) };
}

function partName({ file }: LogPlace, part: number): string {
  return `${file}.${part}`;
}

/** Undefined where there is no such file, or another one than was read before. */
async function after(
  pool: Pool,
  name: string,
  { offset, before }: LogPosition,
  mostBytes: number,
): Promise<Uint8Array | undefined> {
  using volume = await pool.findVolume(name);
  if (volume === undefined) return undefined;
  const bytes = await volume.part(offset - before.length, before.length + mostBytes);
  const isSame = Buffer.compare(bytes.subarray(0, before.length), before) === 0;
  return isSame ? bytes.subarray(before.length) : undefined;
}

/** A guest can write what libvirt takes for a qcow2 image: such a file is read from its beginning. */
async function tailOf(
  volume: Volume,
  mostBytes: number,
): Promise<{ readonly from: number; readonly bytes: Uint8Array; readonly written: number | undefined }> {
  const { format, capacityBytes, writtenAt: written } = readVolume(await volume.xml());
  const from = format === 'raw' ? Math.max(0, capacityBytes - mostBytes) : 0;
  return { from, bytes: await volume.part(from, mostBytes), written };
}

async function withLogPool<T>(
  { vmName, directory, file }: LogPlace,
  context: VmContext,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  try {
    return await withFreshPoolOn(directory, context, work);
  } catch (error) {
    const cannot = `cannot read the console log of VM '${vmName}', ${directory}/${file}`;
    if (isReason(error, 'no-such-file'))
      throw new PlowError('storage', `${cannot}: there is no ${directory}`, { cause: error });
    throw explain(error, 'storage', cannot);
  }
}
