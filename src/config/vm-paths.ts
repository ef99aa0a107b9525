import type { DiskFormat } from './machine.ts';

/** Names of a VM's files inside `<storage path>/<vm name>/`. */

export const SEED_FILE = 'cloudinit.iso';

export function bootDiskFile(format: DiskFormat): string {
  return `boot.${format}`;
}

/** @param device target device of the disk, for instance vdb */
export function dataDiskFile(device: string): string {
  return `data-${device}.qcow2`;
}

/** Every file that plow makes for a machine, or has made for one that metadata declares. */
export function machineFiles({
  bootDisk,
  dataDisks,
  cloudInit,
}: {
  readonly bootDisk: { readonly format: DiskFormat };
  readonly dataDisks: readonly { readonly device: string }[];
  readonly cloudInit: unknown;
}): readonly string[] {
  const seed = cloudInit === undefined ? [] : [SEED_FILE];
  return [bootDiskFile(bootDisk.format), ...dataDisks.map(({ device }) => dataDiskFile(device)), ...seed];
}

export function vmDirectory(storagePath: string, name: string): string {
  return `${storagePath === '/' ? '' : storagePath}/${name}`;
}
