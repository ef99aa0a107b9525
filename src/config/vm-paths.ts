import type { DiskFormat } from './machine.ts';

/** Names of a VM's files inside `<storage path>/<vm name>/`. */

export const SEED_FILE = 'cloudinit.iso';

/** What the serial console wrote. */
export const CONSOLE_LOG_FILE = 'console.log';

/**
 * As virtlogd calls older parts of it, the newest first; it keeps three of them unless it is told otherwise.
 */
export const CONSOLE_LOG_PARTS: readonly string[] = Array.from(
  { length: 10 },
  (_, part) => `${CONSOLE_LOG_FILE}.${part}`,
);

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
