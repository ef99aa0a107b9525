import type { DiskFormat } from '../config/machine.ts';

/** Names of a VM's files inside `<storage path>/<vm name>/`. */

export const SEED_FILE = 'cloudinit.iso';

export function bootDiskFile(format: DiskFormat): string {
  return `boot.${format}`;
}

/** @param device target device of the disk, for instance vdb */
export function dataDiskFile(device: string): string {
  return `data-${device}.qcow2`;
}

export function vmDirectory(storagePath: string, name: string): string {
  return `${storagePath === '/' ? '' : storagePath}/${name}`;
}
