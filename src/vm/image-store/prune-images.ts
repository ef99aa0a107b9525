import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { hasFailed } from './find-image.ts';
import { listImages } from './list-images.ts';
import type { ListedImage } from './list-images.ts';
import { recordName } from './record.ts';
import { ImageStore, lookAtFile } from './store.ts';

/** One that nobody needs. */
export interface UnneededImage extends ListedImage {
  /** In words that follow its name. */
  readonly why: string;
}

/** What nobody has written to for so long is no plow's any more that lives. */
const DEAD_MS = 24 * 60 * 60_000;

/**
 * Images that nobody needs: versions that are not the newest of their name, and on which no VM stands; and
 * what plows that were killed have left of a pull or a removal, once it is a day old. The newest one first in
 * each name.
 * @throws PlowError
 */
export async function findUnneeded(context: VmContext): Promise<readonly UnneededImage[]> {
  const images = await listImages(context);
  const halves = images.filter(({ record, usedBy }) => record.status !== 'ready' && usedBy.length === 0);
  const dead = new Set(halves.length === 0 ? [] : await deadAmong(halves, context));
  const newest = new Set<string>();
  return images.flatMap((image) => {
    const { name, status } = image.record;
    if (status !== 'ready') return dead.has(image) ? [{ ...image, why: LEFT[status] }] : [];
    const isNewest = !newest.has(name);
    // Of one that has failed its throw-away boot, the one before is needed.
    if (!hasFailed(image.record)) newest.add(name);
    if (isNewest || image.usedBy.length > 0) return [];
    return [{ ...image, why: 'is not the newest, and no VM names it' }];
  });
}

const LEFT = {
  pulling: 'was not pulled to its end, and nobody has written to it for a day',
  removing: 'was not removed to its end, and nobody has written to it for a day',
} as const;

/** @throws PlowError */
function deadAmong(images: readonly ListedImage[], context: VmContext): Promise<readonly ListedImage[]> {
  const store = new ImageStore(context);
  const looking = store.inside(async (pool) => {
    const dead: ListedImage[] = [];
    for (const image of images) {
      const { file } = image.image;
      const seen = [await lookAtFile(pool, file), await lookAtFile(pool, recordName(file))];
      const writtenMs = Math.max(...seen.map((one) => one?.writtenMs ?? 0));
      if (context.now().getTime() - writtenMs >= DEAD_MS) dead.push(image);
    }
    return dead;
  });
  return explaining(looking, 'storage', `cannot look at the images in ${store.directory}`);
}
