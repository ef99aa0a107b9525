import { posix } from 'node:path';
import type { DiskFormat } from '../../config/machine.ts';
import { overlayFile } from '../../config/vm-paths.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { DiskLayers, Overlay } from '../../libvirt-xml/snapshot/layers.ts';
import { volumeXml } from '../../libvirt-xml/write/storage.ts';
import type { VmContext } from '../context.ts';
import type { OnFailure } from '../rollback.ts';

/** Of a UUID: enough that no two of a VM are alike. */
const MARK_LENGTH = 8;

/** For each of these disks a file to write to, by target, all with one mark. */
export function planOverlays(
  disks: readonly DiskLayers[],
  directory: string,
  uuid: string,
): ReadonlyMap<string, Overlay> {
  const mark = uuid.slice(-MARK_LENGTH);
  return new Map(
    disks.map((on) => [on.target, { path: `${directory}/${overlayFile(mark, on.target)}`, on }] as const),
  );
}

/**
 * Makes such files, which only root and QEMU may read: an image that libvirt makes for a VM that is off is
 * open to all (CVE-2025-13193). @throws PlowError (storage), HypervisorError, Interrupted
 */
export async function makeOverlays(
  overlays: ReadonlyMap<string, Overlay>,
  pool: Pool,
  { signal }: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  for (const { path, on } of overlays.values()) {
    signal.throwIfAborted();
    const name = posix.basename(path);
    const base = on.path ?? '';
    using below = await pool.findVolume(posix.basename(base));
    if (below === undefined) throw new PlowError('storage', `${base} is not there`);
    const { capacityBytes } = readVolume(await below.xml());
    const backing = { path: base, format: formatOf(on) };
    const made = await pool.createVolume(volumeXml({ name, format: 'qcow2', capacityBytes, backing }));
    onFailure(`volume ${name}`, () => made.delete());
  }
}

function formatOf({ format, target }: DiskLayers): DiskFormat {
  if (format === 'qcow2' || format === 'raw') return format;
  throw new PlowError('operation', `disk ${target} is ${format}: plow keeps layers on qcow2 and raw only`);
}
