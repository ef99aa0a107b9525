import type { DiskFormat, ProvisioningFormat } from './machine.ts';

/**
 * Names of a VM's files inside `<storage path>/<vm name>/`. What a VM starts from and what sets its guest up
 * may come anew, beside what it has: then each has a mark in its name, eight hexadecimal digits, and the
 * metadata say which one the VM has.
 */

export const SEED_FILE = 'cloudinit.iso';

/** What Ignition reads, as firmware hands it to the guest. */
export const IGNITION_FILE = 'config.ign';

/** By which a guest is set up, each in a file of its own. */
export const PROVISIONING_FILES: Readonly<Record<ProvisioningFormat, string>> = {
  'cloud-init': SEED_FILE,
  ignition: IGNITION_FILE,
};

/** What the serial console wrote. */
export const CONSOLE_LOG_FILE = 'console.log';

/**
 * As virtlogd calls older parts of it, the newest first; it keeps three of them unless it is told otherwise.
 */
export const CONSOLE_LOG_PARTS: readonly string[] = Array.from(
  { length: 10 },
  (_, part) => `${CONSOLE_LOG_FILE}.${part}`,
);

/** @param mark of one that came later than its VM */
export function bootDiskFile(format: DiskFormat, mark?: string): string {
  return `boot${mark === undefined ? '' : `-${mark}`}.${format}`;
}

/** What sets the guest up. @param mark of one that came later than its VM */
export function provisioningFile(format: ProvisioningFormat, mark: string): string {
  return PROVISIONING_FILES[format].replace('.', `-${mark}.`);
}

/** Whether plow calls disks so that VMs start from. */
export function isBootDiskFile(file: string): boolean {
  return /^boot(?:-[0-9a-f]{8})?\.(?:qcow2|raw)$/u.test(file);
}

/** Whether plow calls seeds so. */
export function isSeedFile(file: string): boolean {
  return /^cloudinit(?:-[0-9a-f]{8})?\.iso$/u.test(file);
}

/** Whether plow calls configs of Ignition so. */
export function isIgnitionFile(file: string): boolean {
  return /^config(?:-[0-9a-f]{8})?\.ign$/u.test(file);
}

/** Whether plow calls files so that set guests up. */
export function isProvisioningFile(file: string): boolean {
  return isSeedFile(file) || isIgnitionFile(file);
}

/** Whether a file is called as what comes anew is, and nothing else that plow makes. */
export function isMarkedFile(file: string): boolean {
  return /-[0-9a-f]{8}\./u.test(file) && (isBootDiskFile(file) || isProvisioningFile(file));
}

/** @param device target device of the disk, for instance vdb */
export function dataDiskFile(device: string): string {
  return `data-${device}.qcow2`;
}

/** Whether plow calls data disks so. */
export function isDataDiskFile(file: string): boolean {
  return /^data-vd[b-z]\.qcow2$/u.test(file);
}

/** Whether plow calls disks so, those that VMs start from and those with data. */
export function isDiskFile(file: string): boolean {
  return isBootDiskFile(file) || isDataDiskFile(file);
}

/**
 * What a disk writes to from a snapshot on, or from going back to one.
 * @param mark eight hexadecimal digits, the same for all disks that go on together
 */
export function overlayFile(mark: string, target: string): string {
  return `snap-${mark}-${target}.qcow2`;
}

/** The UEFI variables as they were. */
export function nvramCopyFile(snapshot: string): string {
  return `snap-${snapshot}.nvram`;
}

/** Whether plow calls layers of disks so: nothing else of a VM is. */
export function isOverlayFile(file: string): boolean {
  return /^snap-[0-9a-f]{8}-[a-z]+\.qcow2$/u.test(file);
}

/** The snapshot whose UEFI variables a file has, by its name; undefined for another file. */
export function snapshotOfNvramCopy(file: string): string | undefined {
  return /^snap-(?<name>.+)\.nvram$/u.exec(file)?.groups?.['name'];
}

/** Whether plow makes files of that name for snapshots, and for nothing else. */
export function isSnapshotFile(file: string): boolean {
  return isOverlayFile(file) || snapshotOfNvramCopy(file) !== undefined;
}

/** Every file that plow makes for a machine, or has made for one that metadata declares. */
export function machineFiles({
  bootDisk,
  dataDisks,
  provisioning,
}: {
  readonly bootDisk: { readonly format: DiskFormat; readonly file?: string | undefined };
  readonly dataDisks: readonly { readonly device: string }[];
  readonly provisioning:
    | { readonly format: ProvisioningFormat; readonly file?: string | undefined }
    | undefined;
}): readonly string[] {
  const seed = provisioning === undefined ? [] : [provisioningFileOf(provisioning)];
  return [bootDiskFileOf(bootDisk), ...dataDisks.map(({ device }) => dataDiskFile(device)), ...seed];
}

export function vmDirectory(storagePath: string, name: string): string {
  return `${storagePath === '/' ? '' : storagePath}/${name}`;
}

/** The one that a VM starts from. @param file where it is another than that which it was made with */
export function bootDiskFileOf({
  format,
  file,
}: {
  readonly format: DiskFormat;
  readonly file?: string | undefined;
}): string {
  return file ?? bootDiskFile(format);
}

/** The one that sets the guest up. @param file as bootDiskFileOf */
export function provisioningFileOf({
  format,
  file,
}: {
  readonly format: ProvisioningFormat;
  readonly file?: string | undefined;
}): string {
  return file ?? PROVISIONING_FILES[format];
}
