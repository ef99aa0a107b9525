import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import { withOverlays } from '../../libvirt-xml/snapshot/layers.ts';
import type { Overlay } from '../../libvirt-xml/snapshot/layers.ts';
import type { VmPlan } from '../create/plan.ts';
import { copyVolume, createVolume } from '../create/volumes.ts';
import type { VmPlace } from '../create/vm-place.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { lookAt } from '../storage/find-volume.ts';
import type { SourceDisk } from './source.ts';

/** The plan of a clone whose disks stand on the files of the source. */
export function onSource(plan: VmPlan, targets: readonly string[], sources: readonly SourceDisk[]): VmPlan {
  const overlays = new Map<string, Overlay>();
  const disks = plan.disks.map((disk, index) => {
    const source = sources[index];
    const target = targets[index];
    if (source === undefined || target === undefined) throw new Error(`nothing for ${disk.name} to stand on`);
    overlays.set(target, { path: disk.path, on: source.on });
    return { ...disk, from: { image: source.path, how: 'overlay', format: source.format } as const };
  });
  const { reserved, complete } = plan.domain;
  const domain = {
    ...plan.domain,
    reserved: withOverlays(reserved, overlays),
    complete: withOverlays(complete, overlays),
  };
  return { ...plan, disks, domain };
}

/** Makes the disks of a clone, on those of the source or as copies of them. @throws PlowError, Interrupted */
export async function cloneDisks(
  disks: VmPlan['disks'],
  sources: readonly SourceDisk[],
  place: VmPlace,
): Promise<void> {
  for (const [index, disk] of disks.entries()) {
    place.context.signal.throwIfAborted();
    const source = sources[index];
    if (source === undefined) throw new Error(`nothing for ${disk.name} to begin as`);
    if (disk.from === undefined) await copyVolume(disk, (work) => withSource(source, place, work), place);
    else await createVolume(disk, place);
  }
}

/** Runs work with the volume of a file, which is what it was found to be. */
function withSource<T>(
  { path, format }: SourceDisk,
  { context }: VmPlace,
  work: (volume: Parameters<VmPlace['pool']['cloneVolume']>[1]) => Promise<T>,
): Promise<T> {
  const { dir, base } = posix.parse(path);
  return withPoolOn(dir, context, async (pool) => {
    using found = await lookAt(pool, base, context);
    if (found === undefined) throw new PlowError('storage', `${path} has gone away`);
    if (found.facts.format !== format)
      throw new PlowError('storage', `${path} was ${format}, and libvirt takes it for ${found.facts.format}`);
    return await work(found.volume);
  });
}
