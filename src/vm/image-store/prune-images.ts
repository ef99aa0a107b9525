import type { VmContext } from '../context.ts';
import { listImages } from './list-images.ts';
import type { ListedImage } from './list-images.ts';

/**
 * Images that nobody needs: versions that are not the newest of their name, and on which no VM stands. The
 * newest one first in each name. @throws PlowError
 */
export async function findUnneeded(context: VmContext): Promise<readonly ListedImage[]> {
  const ready = (await listImages(context)).filter(({ record }) => record.status === 'ready');
  const newest = new Set<string>();
  return ready.filter(({ record: { name }, usedBy }) => {
    const isNewest = !newest.has(name);
    newest.add(name);
    return !isNewest && usedBy.length === 0;
  });
}
