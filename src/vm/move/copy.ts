import { PlowError } from '../../errors/plow-error.ts';
import type { Volume } from '../../hypervisor/storage.ts';
import type { NewHasher } from '../image-store/bytes.ts';
import type { Pace } from '../image-store/pace.ts';

/** Bytes that one stream carries: libvirt may send all of them before the first is taken. */
const WINDOW_BYTES = 2 ** 26;
/** Where nothing but holes came. */
const LONGEST_BYTES = 2 ** 28;
const ZEROS = new Uint8Array(2 ** 20);

/** A file that is copied from one hypervisor to another. */
export interface Copying {
  /** Path, for people. */
  readonly path: string;
  readonly source: Volume;
  readonly target: Volume;
  readonly bytes: number;
  /** The target was made just now, of that length, and has nothing in it. */
  readonly isFresh: boolean;
}

interface Tools {
  readonly newHasher: NewHasher;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

/** What came of a window. */
interface Taken {
  readonly digest: string;
  /** Without holes. */
  readonly data: number;
}

/**
 * Copies a file window by window, without its holes. What a move before this one has copied stays; of each
 * window that was written the digest is compared with what can be read there.
 * @throws PlowError (storage), HypervisorError, Interrupted
 */
export async function copyFile(copying: Copying, tools: Tools): Promise<void> {
  const { bytes } = copying;
  let window = WINDOW_BYTES;
  for (let at = 0; at < bytes;) {
    tools.signal.throwIfAborted();
    const length = Math.min(window, bytes - at);
    const data = await copyWindow(copying, at, length, tools);
    at += length;
    tools.pace.moved(at, 0);
    window = data === 0 ? Math.min(window * 2, LONGEST_BYTES) : WINDOW_BYTES;
  }
}

/** @returns how many bytes of it are no hole */
async function copyWindow(
  { path, source, target, bytes, isFresh }: Copying,
  at: number,
  length: number,
  tools: Tools,
): Promise<number> {
  if (!isFresh) {
    const here = await take(source, at, length, tools.newHasher);
    const there = await take(target, at, length, tools.newHasher);
    if (here.digest === there.digest) return here.data;
  }
  const hasher = tools.newHasher('sha256');
  let data = 0;
  let came = 0;
  const pieces = async function* (): AsyncGenerator<Uint8Array | number, void> {
    for await (const piece of source.readSparse(at, length)) {
      update(hasher, piece);
      const size = typeof piece === 'number' ? piece : piece.length;
      came += size;
      if (typeof piece !== 'number') {
        data += size;
        tools.pace.moved(at + came, size);
      }
      yield piece;
    }
  };
  await target.writeSparse(at, pieces());
  if (came !== length) throw new PlowError('storage', `${path} ends at ${at + came} bytes, and had ${bytes}`);
  const digest = hasher.digest('hex');
  const written = await take(target, at, length, tools.newHasher);
  if (written.digest === digest) return data;
  throw new PlowError(
    'storage',
    `${path} is not the same there as here, between bytes ${at} and ${at + length}: a disk or the line loses something`,
  );
}

/** Whether two files of that length are the same. @throws HypervisorError, Interrupted */
export async function areAlike(
  one: Volume,
  other: Volume,
  bytes: number,
  { newHasher, pace, signal }: Tools,
): Promise<boolean> {
  for (let at = 0; at < bytes; at += WINDOW_BYTES) {
    signal.throwIfAborted();
    const length = Math.min(WINDOW_BYTES, bytes - at);
    const [here, there] = await Promise.all([
      take(one, at, length, newHasher),
      take(other, at, length, newHasher),
    ]);
    if (here.digest !== there.digest) return false;
    pace.moved(at + length, here.data);
  }
  return true;
}

async function take(volume: Volume, at: number, length: number, newHasher: NewHasher): Promise<Taken> {
  const hasher = newHasher('sha256');
  let data = 0;
  for await (const piece of volume.readSparse(at, length)) {
    update(hasher, piece);
    if (typeof piece !== 'number') data += piece.length;
  }
  return { digest: hasher.digest('hex'), data };
}

/** A hole is as many zeros: file systems have them in other places. */
function update(hasher: ReturnType<NewHasher>, piece: Uint8Array | number): void {
  if (typeof piece !== 'number') {
    hasher.update(piece);
    return;
  }
  for (let left = piece; left > 0; left -= ZEROS.length)
    hasher.update(left >= ZEROS.length ? ZEROS : ZEROS.subarray(0, left));
}
