import { create } from 'xmlbuilder2';
import type { DiskFormat, Machine, NetworkInterface, VirtType } from '../config/machine.ts';
import type { DomainMetadata } from './domain-metadata.ts';
import { literal } from './literal.ts';
import { addMetadata } from './write-metadata.ts';
import { bootDiskFile, dataDiskFile, SEED_FILE } from './vm-paths.ts';

/** Where and as what a machine runs: what its configuration does not say. */
export interface DomainPlacement {
  readonly virtType: VirtType;
  /** Format of the base image, as libvirt found it; undefined without an overlay. */
  readonly backingFormat: DiskFormat | undefined;
  readonly metadata: DomainMetadata;
}

type Element = ReturnType<ReturnType<typeof create>['ele']>;

/** The domain document. https://libvirt.org/formatdomain.html */
export function domainXml(machine: Machine, placement: DomainPlacement): string {
  const domain = create().ele('domain', { type: placement.virtType });
  domain.ele('name').txt(machine.name);
  domain.ele('uuid').txt(placement.metadata.uuid);
  addMetadata(domain.ele('metadata'), placement.metadata);
  domain.ele('memory', { unit: 'GiB' }).txt(String(machine.memoryGib));
  domain.ele('vcpu', { placement: 'static' }).txt(String(machine.vcpus));
  addOs(domain, machine);
  domain.ele('features').ele('acpi').up().ele('apic');
  domain.ele('cpu', { mode: machine.cpuMode });
  domain.ele('clock', { offset: 'utc' });
  domain.ele('on_poweroff').txt('destroy');
  domain.ele('on_reboot').txt('restart');
  domain.ele('on_crash').txt('destroy');
  addDevices(domain.ele('devices'), machine, placement);
  return domain.end({ headless: true, prettyPrint: true });
}

/**
 * libvirt chooses the firmware files, whose paths differ between distributions. Secure Boot is off: with it,
 * images whose boot loader is not signed stop at "Access Denied".
 */
function addOs(domain: Element, { firmware }: Machine): void {
  const os = domain.ele('os', firmware === 'uefi' ? { firmware: 'efi' } : {});
  os.ele('type', { arch: 'x86_64', machine: 'q35' }).txt('hvm');
  if (firmware === 'uefi') os.ele('firmware').ele('feature', { enabled: 'no', name: 'secure-boot' });
  os.ele('boot', { dev: 'hd' });
}

function addDevices(devices: Element, machine: Machine, placement: DomainPlacement): void {
  addBootDisk(devices, machine, placement);
  for (const { device } of machine.dataDisks) {
    addDisk(devices, 'qcow2', `${placement.metadata.directory}/${dataDiskFile(device)}`, device);
  }
  if (machine.cloudInit !== undefined) addSeed(devices, `${placement.metadata.directory}/${SEED_FILE}`);
  for (const networkInterface of machine.interfaces) addInterface(devices, networkInterface);
  devices.ele('serial', { type: 'pty' }).ele('target', { type: 'isa-serial', port: 0 });
  devices.ele('console', { type: 'pty' }).ele('target', { type: 'serial', port: 0 });
  devices.ele('channel', { type: 'unix' }).ele('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' });
  devices.ele('rng', { model: 'virtio' }).ele('backend', { model: 'random' }).txt('/dev/urandom');
}

/**
 * The backing chain stands in full, so that libvirt probes nothing. `relabel='no'` on the base image keeps
 * libvirt from giving it to QEMU's user at the first start: it belongs to someone else.
 */
function addBootDisk(devices: Element, { bootDisk }: Machine, placement: DomainPlacement): void {
  const path = `${placement.metadata.directory}/${bootDiskFile(bootDisk.format)}`;
  const disk = addDisk(devices, bootDisk.format, path, 'vda');
  if (bootDisk.image === undefined || placement.backingFormat === undefined) return;
  const backing = disk.ele('backingStore', { type: 'file' });
  backing.ele('format', { type: placement.backingFormat });
  backing.ele('source', { file: literal(bootDisk.image) }).ele('seclabel', { model: 'dac', relabel: 'no' });
  backing.ele('backingStore');
}

/** `type='file'` with the real path: AppArmor's helper does not resolve volumes. */
function addDisk(devices: Element, format: DiskFormat, path: string, device: string): Element {
  const disk = devices.ele('disk', { type: 'file', device: 'disk' });
  disk.ele('driver', { name: 'qemu', type: format, cache: 'none' });
  disk.ele('source', { file: literal(path) });
  disk.ele('target', { dev: device, bus: 'virtio' });
  return disk;
}

/** On virtio-scsi: cloud kernels have no AHCI driver and would not see a SATA cdrom. */
function addSeed(devices: Element, path: string): void {
  devices.ele('controller', { type: 'scsi', index: 0, model: 'virtio-scsi' });
  const cdrom = devices.ele('disk', { type: 'file', device: 'cdrom' });
  cdrom.ele('driver', { name: 'qemu', type: 'raw' });
  cdrom.ele('source', { file: literal(path) });
  cdrom.ele('target', { dev: 'sda', bus: 'scsi' });
  cdrom.ele('readonly');
}

function addInterface(devices: Element, { mac, bridge }: NetworkInterface): void {
  const element = devices.ele('interface', { type: 'bridge' });
  element.ele('mac', { address: mac });
  element.ele('source', { bridge });
  element.ele('model', { type: 'virtio' });
}
