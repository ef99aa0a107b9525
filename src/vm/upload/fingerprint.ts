import type { LocalImage } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { VmContext } from '../context.ts';
import type { Hasher } from '../image-store/bytes.ts';
import { HEAD_BYTES } from './record.ts';

/** A run of zeros of that length, where it begins at a multiple of it, is not sent. */
export const BLOCK_BYTES = 2 ** 20;

/** What a file of this machine holds: what is sent is held against it, block by block. */
export interface Fingerprint {
  /** Of the whole file, in hex. */
  readonly digest: string;
  /** Digests of its blocks; undefined for one that is all zeros. */
  readonly blocks: readonly (string | undefined)[];
  /** Its first bytes, which are sent last. */
  readonly head: Uint8Array;
  readonly bytes: number;
}

/** Reads all of a file. @throws PlowError (storage), Interrupted */
export async function fingerprintOf(
  file: LocalImage,
  newHasher: () => Hasher,
  { signal, progress }: Pick<VmContext, 'signal' | 'progress'>,
): Promise<Fingerprint> {
  progress.begin(`Reading ${file.path}`);
  const [whole, buffer] = [newHasher(), new Uint8Array(BLOCK_BYTES)];
  const blocks: (string | undefined)[] = [];
  let head = new Uint8Array();
  for (let at = 0; at < file.bytes; at += BLOCK_BYTES) {
    signal.throwIfAborted();
    const block = await readBlock(file, buffer, at);
    if (at === 0) head = block.slice(0, HEAD_BYTES);
    whole.update(block);
    blocks.push(isZero(block) ? undefined : digestOf(block, newHasher));
  }
  if (!file.isAsItWas()) throw changed(file);
  return { digest: whole.digest('hex'), blocks, head, bytes: file.bytes };
}

/** One block of a file, in a buffer of that size. @throws PlowError (storage) where it is cut off, or gone */
export async function readBlock(file: LocalImage, buffer: Uint8Array, at: number): Promise<Uint8Array> {
  const block = buffer.subarray(0, Math.min(BLOCK_BYTES, file.bytes - at));
  let got: number;
  try {
    got = await file.read(block, at);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PlowError('storage', `cannot read ${file.path}: ${why}`, { cause });
  }
  if (got < block.length) throw changed(file);
  return block;
}

export function digestOf(block: Uint8Array, newHasher: () => Hasher): string {
  const hasher = newHasher();
  hasher.update(block);
  return hasher.digest('hex');
}

/** Of an image that somebody writes to. */
export function changed({ path }: LocalImage): PlowError {
  return new PlowError('storage', `${path} has changed since it was looked at`, {
    hint: 'let whatever writes it come to its end, and try again',
  });
}

const ZEROS = Buffer.alloc(BLOCK_BYTES);

function isZero(block: Uint8Array): boolean {
  return ZEROS.compare(block, 0, block.length, 0, block.length) === 0;
}
