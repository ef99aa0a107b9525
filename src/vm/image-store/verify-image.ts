import { digestText } from '../../images/digest.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { Pace } from './pace.ts';
import type { NewHasher } from './bytes.ts';
import { findImage } from './find-image.ts';
import { ImageStore } from './store.ts';
import type { StoredImage } from './store.ts';

/** An image whose bytes are those that were proven. */
export interface VerifiedImage {
  readonly path: string;
  readonly image: StoredImage;
}

/**
 * What is to be done with an image that is read, before any of it is. @returns what takes its parts, one
 * after the other
 */
export type Taking = (image: StoredImage) => Promise<(part: Uint8Array, at: number) => Promise<void>>;

const takingNothing: Taking = async () => async () => {};

/**
 * Reads an image back, all of it, and compares its digest with the one that was proven when it was pulled. As
 * slow as the line. What was taken of one that is another is worth nothing.
 * @throws PlowError (validation) where it is another one; Interrupted
 */
export async function verifyImage(
  word: string,
  newHasher: NewHasher,
  context: VmContext,
  taking: Taking = takingNothing,
): Promise<VerifiedImage> {
  const store = new ImageStore(context);
  const cannot = `cannot read the image ${word}`;
  const image = findImage(await explaining(store.all(), 'storage', cannot), word);
  const { file, record } = image;
  const path = store.pathOf(file);
  const [algorithm] = (record.content ?? '').split(':');
  if (algorithm !== 'sha256' && algorithm !== 'sha512')
    throw new PlowError('operation', `${path} has no digest that it could be compared with`);
  const take = await taking(image);
  context.progress.begin(`Reading ${path}`);
  const hasher = newHasher(algorithm);
  const pace = new Pace(context.progress, record.name, record.bytes ?? 0, 'reading');
  let at = 0;
  for await (const part of store.parts(file, cannot, context.signal)) {
    hasher.update(part);
    await take(part, at);
    at += part.length;
    if (record.bytes !== null) pace.moved(at, part.length);
  }
  const found = digestText({ algorithm, hex: hasher.digest('hex') });
  if (found === record.content) return { path, image };
  throw new PlowError('validation', `${path} is not as it was pulled: it has ${found}`, {
    detail: `as it was pulled: ${record.content}`,
    hint: 'somebody has written to it, or the disk has lost something; VMs that stand on it may be broken',
  });
}
