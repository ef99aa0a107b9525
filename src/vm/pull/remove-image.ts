import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { usersOfFiles } from '../ownership/used-files.ts';
import { wordsOf } from '../ownership/own-files.ts';
import { findImage } from './find-image.ts';
import { recordName } from './record.ts';
import { ImageStore, recordIn, removeFile } from './store.ts';
import type { StoredImage } from './store.ts';

/** What was removed. */
export interface RemovedImage {
  readonly path: string;
  readonly image: StoredImage;
}

/**
 * Removes an image that plow has pulled, and on which no VM stands, be it plow's or not, running or not. What
 * cannot be looked at may stand on it. libvirt itself would delete it without a word.
 * @throws PlowError
 */
export async function removeImage(word: string, context: VmContext): Promise<RemovedImage> {
  const store = new ImageStore(context);
  const cannot = `cannot remove the image ${word}`;
  const image = findImage(await explaining(store.all(), 'storage', cannot), word);
  const path = store.pathOf(image.file);
  await assertUnused(path, context);
  const removing = store.inside(async (pool) => {
    if ((await recordIn(pool, image.file))?.token !== image.record.token)
      throw new PlowError('storage', `${path} is another image by now`);
    await removeFile(pool, image.file);
    await removeFile(pool, recordName(image.file));
  });
  await explaining(removing, 'storage', cannot);
  return { path, image };
}

/** @throws PlowError (operation) */
async function assertUnused(path: string, context: VmContext): Promise<void> {
  const going = { names: new Set([posix.basename(path)]), paths: [path] };
  const looking = usersOfFiles('', going, context);
  const usage = await explaining(looking, 'operation', 'cannot see which VMs stand on it');
  const user = usage.users.get(path);
  if (user !== undefined)
    throw new PlowError('operation', `VM '${user}' stands on ${path}`, {
      hint: 'an image goes when no VM stands on it any more; plow image list shows who does',
    });
  const [unseen] = usage.unseen;
  if (unseen !== undefined)
    throw new PlowError('operation', `it is not known whether a VM stands on ${path}: ${wordsOf(unseen)}`);
}
