import type { Volume } from '../../hypervisor/storage.ts';
import type { VmContext } from '../context.ts';
import { BLOCK_BYTES, changed, digestOf, readBlock } from './fingerprint.ts';
import type { Hasher } from '../image-store/bytes.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { WantedImage } from './look.ts';
import type { Pace } from '../image-store/pace.ts';
import { HEAD_BYTES, readRecord } from './record.ts';

/**
 * How much is sent before it is looked whether it is this plow's to send still, and by what an upload that
 * broke off is gone on with. libvirtd keeps in memory what its disk does not take at once, and lets go of it
 * at the end of a stream.
 */
export const WINDOW_BYTES = 64 * BLOCK_BYTES;

/** What sends an image, and under which token. */
export interface Sending extends WantedImage {
  readonly token: string;
  readonly newHasher: () => Hasher;
  readonly pace: Pace;
  readonly signal: VmContext['signal'];
}

/**
 * Sends what comes behind the head, from an offset on, window by window. Each block is held against the
 * fingerprint just before it is sent: whatever is written to the volume, by however many plows, is right.
 * Runs of zeros are passed over: libvirt makes a hole by cutting the file off, which two who send at the same
 * time would do to each other.
 * @returns false where somebody else sends it now
 * @throws HypervisorError, PlowError, Interrupted
 */
export async function sendBody(volume: Volume, from: number, sending: Sending): Promise<boolean> {
  const { print } = sending;
  for (let at = from; at < print.bytes; at += WINDOW_BYTES) {
    if (!(await isStillOurs(volume, sending))) return false;
    const end = Math.min(at + WINDOW_BYTES, print.bytes);
    for (const run of runsIn(print, at, end)) {
      const start = Math.max(run.start, HEAD_BYTES);
      if (start < run.end)
        await volume.write(start, run.end - start, blocksOf({ start, end: run.end }, sending));
    }
    sending.pace.moved(end, 0);
  }
  // It is as long as it is to be, also where it ends with zeros.
  if (print.blocks.at(-1) === undefined) await volume.write(print.bytes - 1, 1, oneZero());
  return isStillOurs(volume, sending);
}

/** Nobody has taken over, nor made another volume in its place. @throws HypervisorError */
export async function isStillOurs(volume: Volume, { token }: Pick<Sending, 'token'>): Promise<boolean> {
  return readRecord(await volume.part(0, HEAD_BYTES))?.token === token;
}

/** Bytes, as one chunk. */
export async function* all(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

function oneZero(): AsyncGenerator<Uint8Array, void> {
  return all(new Uint8Array(1));
}

interface Run {
  readonly start: number;
  readonly end: number;
}

/** The runs of blocks between two offsets that are not all zeros. */
function runsIn({ blocks, bytes }: Fingerprint, from: number, to: number): readonly Run[] {
  const runs: { start: number; end: number }[] = [];
  for (let at = from; at < to; at += BLOCK_BYTES) {
    if (blocks[at / BLOCK_BYTES] === undefined) continue;
    const end = Math.min(at + BLOCK_BYTES, bytes);
    const last = runs.at(-1);
    if (last?.end === at) last.end = end;
    else runs.push({ start: at, end });
  }
  return runs;
}

async function* blocksOf(
  { start, end }: Run,
  { file, print, newHasher, pace, signal }: Sending,
): AsyncGenerator<Uint8Array, void> {
  const buffer = new Uint8Array(BLOCK_BYTES);
  const first = start - (start % BLOCK_BYTES);
  for (let at = first; at < end; at += BLOCK_BYTES) {
    signal.throwIfAborted();
    const block = await readBlock(file, buffer, at);
    if (digestOf(block, newHasher) !== print.blocks[at / BLOCK_BYTES]) throw changed(file);
    const rest = block.subarray(Math.max(0, start - at));
    yield rest;
    pace.moved(at + block.length, rest.length);
  }
}

/** How many bytes are to be sent from an offset on. */
export function bytesToSend({ blocks, bytes }: Fingerprint, from: number): number {
  const left = blocks.slice(Math.floor(from / BLOCK_BYTES)).filter((block) => block !== undefined);
  return Math.min(left.length * BLOCK_BYTES, bytes - from);
}
