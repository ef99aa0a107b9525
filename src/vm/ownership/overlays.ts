import { isReason } from '../../errors/hypervisor-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { VmContext } from '../context.ts';
import { amongPools, TEMPORARY_POOL_PREFIX } from '../storage/find-pool.ts';
import { whenIdle } from '../storage/when-idle.ts';
import { placesOf, sameByPlace } from './same-file.ts';

/**
 * A volume of an active pool that has a file as its backing file, be it that no VM has the volume. On this
 * machine whatever way it takes to the file; of another one libvirt tells paths alone.
 * @throws HypervisorError
 */
export async function overlayOn(path: string, context: VmContext): Promise<string | undefined> {
  const overlays = await amongPools(context.hypervisor, (pools) => overlaysIn(pools, context));
  const same = sameByPlace(
    await placesOf([path], context),
    await placesOf([...new Set(overlays.values())], context),
  ).same.get(path);
  const backings = new Set([path, ...(same ?? [])]);
  return [...overlays].find(([, backing]) => backings.has(backing))?.[0];
}

/** What each stands on, by path. */
async function overlaysIn(pools: readonly Pool[], context: VmContext): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const pool of pools) {
    try {
      for (const [overlay, backing] of await overlaysOf(pool, context)) found.set(overlay, backing);
    } catch (error) {
      // Another plow has lent it for a moment.
      if (!isReason(error, 'not-found') || !pool.name.startsWith(TEMPORARY_POOL_PREFIX)) throw error;
    }
  }
  return found;
}

/** libvirt knows volumes as they were when it looked last. */
async function overlaysOf(pool: Pool, context: VmContext): Promise<readonly (readonly [string, string])[]> {
  if (!(await pool.isActive())) return [];
  if (!pool.name.startsWith(TEMPORARY_POOL_PREFIX)) await whenIdle(pool, context, () => pool.refresh());
  const found: (readonly [string, string])[] = [];
  for (const name of await pool.volumeNames()) {
    using volume = await pool.findVolume(name);
    const facts = volume && readVolume(await volume.xml());
    if (facts?.backingPath !== undefined) found.push([facts.path, facts.backingPath]);
  }
  return found;
}
