import { digestText } from '../../images/digest.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { Pace } from './pace.ts';
import type { NewHasher } from './bytes.ts';
import { findImage } from './find-image.ts';
import { ImageStore } from './store.ts';
import type { StoredImage } from './store.ts';

/** What is read of an image at a time. */
const PART_BYTES = 8 * 2 ** 20;

/** An image whose bytes are those that were proven. */
export interface VerifiedImage {
  readonly path: string;
  readonly image: StoredImage;
}

/**
 * Reads an image back, all of it, and compares its digest with the one that was proven when it was pulled. As
 * slow as the line.
 * @throws PlowError (validation) where it is another one; Interrupted
 */
export async function verifyImage(
  word: string,
  newHasher: NewHasher,
  context: VmContext,
): Promise<VerifiedImage> {
  const store = new ImageStore(context);
  const cannot = `cannot read the image ${word}`;
  const image = findImage(await explaining(store.all(), 'storage', cannot), word);
  const { file, record } = image;
  const path = store.pathOf(file);
  const [algorithm] = (record.content ?? '').split(':');
  if (algorithm !== 'sha256' && algorithm !== 'sha512')
    throw new PlowError('operation', `${path} has no digest that it could be compared with`);
  context.progress.begin(`Reading ${path}`);
  const hasher = newHasher(algorithm);
  const pace = new Pace(context.progress, record.name, record.bytes ?? 0);
  for (let at = 0; ;) {
    context.signal.throwIfAborted();
    const part = await explaining(partOf(store, file, at), 'storage', cannot);
    hasher.update(part);
    at += part.length;
    if (record.bytes !== null) pace.moved(at, part.length);
    if (part.length < PART_BYTES) break;
  }
  const found = digestText({ algorithm, hex: hasher.digest('hex') });
  if (found === record.content) return { path, image };
  throw new PlowError('validation', `${path} is not as it was pulled: it has ${found}`, {
    detail: `as it was pulled: ${record.content}`,
    hint: 'somebody has written to it, or the disk has lost something; VMs that stand on it may be broken',
  });
}

function partOf(store: ImageStore, file: string, at: number): Promise<Uint8Array> {
  return store.inside(async (pool) => {
    using volume = await pool.findVolume(file);
    if (volume === undefined) throw new PlowError('storage', `${store.pathOf(file)} has gone away`);
    return volume.part(at, PART_BYTES);
  });
}
