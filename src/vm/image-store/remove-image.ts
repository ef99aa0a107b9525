import { posix } from 'node:path';
import { Interrupted } from '../../errors/interrupted.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { bySight, wordsOf } from '../ownership/own-files.ts';
import { overlayOn } from '../ownership/overlays.ts';
import { usersOfFiles } from '../ownership/used-files.ts';
import { findToRemove } from './find-image.ts';
import { recordName } from './record.ts';
import type { ImageRecord } from './record.ts';
import { headOfFile, ImageStore, keepRecord, recordIn, removeFile } from './store.ts';
import type { StoredImage } from './store.ts';

/** What was removed. */
export interface RemovedImage {
  readonly path: string;
  readonly image: StoredImage;
}

/** The image that a word names, to be removed. @throws PlowError */
export async function imageToRemove(word: string, context: VmContext): Promise<RemovedImage> {
  const store = new ImageStore(context);
  const looking = explaining(store.all(), 'storage', `cannot look for the image ${word}`);
  const image = findToRemove(await looking, word);
  return { path: store.pathOf(image.file), image };
}

/**
 * Removes an image that plow has pulled, and on which nothing stands: no VM, be it plow's or not, running or
 * not, by whatever way its document takes to the file, and no volume of a pool. What cannot be looked at may
 * stand on it. libvirt itself would delete it without a word.
 *
 * Its record says that it goes before that is looked at the last time. A create that begins later finds it
 * so, and one that has begun is found: its domain names the image before it looks at the record.
 * @throws PlowError, Interrupted
 */
export async function removeImage({ path, image }: RemovedImage, context: VmContext): Promise<void> {
  // Of one that a plow which was killed has left so, nobody reads that it goes in vain.
  if (image.record.status !== 'removing') await assertUnused(path, context);
  context.signal.throwIfAborted();
  const store = new ImageStore(context);
  const going: Going = { store, path, file: image.file, token: context.newUuid() };
  const marking = announce(going, image.record.token);
  const before = await explaining(marking, 'storage', `cannot remove ${path}`, GO_ON);
  try {
    await assertUnused(path, context);
    context.signal.throwIfAborted();
  } catch (error) {
    throw await calledOff(going, before, error);
  }
  await explaining(takeAway(going, before.isMade), 'storage', `cannot remove ${path}`, GO_ON);
}

/** More than nothing: what is pulled begins with zeros. */
const HEAD_BYTES = 4096;

const GO_ON = 'the same command goes on with it; until then no VM can be made on it';
const STILL_GOING =
  'its record says still that it is being removed, so no VM can be made on it: plow image remove looks again';

/** An image that is being removed. */
interface Going {
  readonly store: ImageStore;
  readonly path: string;
  readonly file: string;
  /** Of whoever removes it: another one that does takes it over. */
  readonly token: string;
}

/** @param known token of the image that is meant @returns its record as it was */
function announce({ store, path, file, token }: Going, known: string): Promise<ImageRecord> {
  return store.inside(async (pool) => {
    const record = await recordIn(pool, file);
    if (record?.token !== known) throw new PlowError('storage', `${path} is another image by now`);
    await keepRecord(pool, file, { ...record, status: 'removing', token });
    return record;
  });
}

/** Somebody stands on it after all, or it is not known. @returns what is to be thrown */
async function calledOff(
  { store, file, token }: Going,
  before: ImageRecord,
  error: unknown,
): Promise<unknown> {
  try {
    await store.inside(async (pool) => {
      if ((await recordIn(pool, file))?.token !== token) return;
      await keepRecord(pool, file, { ...before, status: await statusBefore(pool, file, before) });
    });
    return error;
  } catch {
    if (error instanceof Interrupted) return error.with(STILL_GOING);
    if (!(error instanceof PlowError)) return error;
    const { kind, message, detail } = error;
    const details = { cause: error, hint: STILL_GOING };
    return new PlowError(kind, message, detail === undefined ? details : { ...details, detail });
  }
}

/** Of one that a plow which was killed has left: it was ready if it begins as an image. */
async function statusBefore(
  pool: Pool,
  file: string,
  { status, content }: ImageRecord,
): Promise<ImageRecord['status']> {
  if (status !== 'removing') return status;
  const head = content === null ? new Uint8Array() : await headOfFile(pool, file, HEAD_BYTES);
  return head.some((byte) => byte !== 0) ? 'ready' : 'pulling';
}

/** Its record goes last: what is killed before that is gone on with. */
function takeAway({ store, path, file, token }: Going, isMade: boolean): Promise<void> {
  return store.inside(async (pool) => {
    if ((await recordIn(pool, file))?.token !== token)
      throw new PlowError('storage', `another plow removes ${path}, or has pulled it anew`);
    if (isMade) await removeFile(pool, file);
    await removeFile(pool, recordName(file));
  });
}

/** An ISO is in a drive, and nothing stands on it. */
function how(path: string): string {
  return path.endsWith('.iso') ? 'has in its drive' : 'stands on';
}

const LATER = {
  hint: 'an image goes when nothing stands on it any more; plow image list shows the VMs that do',
};

/** @throws PlowError (operation) */
async function assertUnused(path: string, context: VmContext): Promise<void> {
  const going = { names: new Set([posix.basename(path)]), paths: [path] };
  const looking = usersOfFiles('', going, context);
  const usage = await explaining(looking, 'operation', 'cannot see which VMs stand on it');
  const seeing = bySight(new Set([path]), usage, context);
  const { usersOf, unsure } = await explaining(seeing, 'operation', 'cannot see which VMs stand on it');
  const user = usersOf.get(path);
  if (user !== undefined) throw new PlowError('operation', `VM '${user}' ${how(path)} ${path}`, LATER);
  const [unseen] = usage.unseen;
  const why = unsure.get(path) ?? (unseen && wordsOf(unseen));
  if (why !== undefined)
    throw new PlowError('operation', `it is not known whether a VM stands on ${path}: ${why}`);
  const volumes = explaining(overlayOn(path, context), 'storage', 'cannot see which volumes stand on it');
  const overlay = await volumes;
  if (overlay !== undefined) throw new PlowError('operation', `${overlay} stands on ${path}`, LATER);
}
