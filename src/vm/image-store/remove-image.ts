import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { bySight, wordsOf } from '../ownership/own-files.ts';
import { usersOfFiles } from '../ownership/used-files.ts';
import { amongPools } from '../storage/find-pool.ts';
import { findToRemove } from './find-image.ts';
import { recordName } from './record.ts';
import { ImageStore, recordIn, removeFile } from './store.ts';
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
 * @throws PlowError
 */
export async function removeImage({ path, image }: RemovedImage, context: VmContext): Promise<void> {
  const store = new ImageStore(context);
  await assertUnused(path, context);
  const removing = store.inside(async (pool) => {
    if ((await recordIn(pool, image.file))?.token !== image.record.token)
      throw new PlowError('storage', `${path} is another image by now`);
    if (image.record.isMade) await removeFile(pool, image.file);
    await removeFile(pool, recordName(image.file));
  });
  await explaining(removing, 'storage', `cannot remove ${path}`);
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
  if (user !== undefined) throw new PlowError('operation', `VM '${user}' stands on ${path}`, LATER);
  const [unseen] = usage.unseen;
  const why = unsure.get(path) ?? (unseen && wordsOf(unseen));
  if (why !== undefined)
    throw new PlowError('operation', `it is not known whether a VM stands on ${path}: ${why}`);
  const volumes = explaining(overlayOn(path, context), 'storage', 'cannot see which volumes stand on it');
  const overlay = await volumes;
  if (overlay !== undefined) throw new PlowError('operation', `${overlay} stands on ${path}`, LATER);
}

/** A volume of an active pool that names it as its backing file, be it that no VM has it. */
function overlayOn(path: string, { hypervisor }: VmContext): Promise<string | undefined> {
  return amongPools(hypervisor, async (pools) => {
    for (const pool of pools) {
      if (!(await pool.isActive())) continue;
      for (const name of await pool.volumeNames()) {
        using volume = await pool.findVolume(name);
        const facts = volume && readVolume(await volume.xml());
        if (facts?.backingPath === path) return facts.path;
      }
    }
    return undefined;
  });
}
