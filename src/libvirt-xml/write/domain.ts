import { create } from 'xmlbuilder2';
import type {
  BootDisk,
  DiskFormat,
  Machine,
  NetworkInterface,
  SeedBus,
  VirtType,
} from '../../config/machine.ts';
import type { NewMetadata } from '../metadata/metadata.ts';
import { literal } from '../literal.ts';
import { addMetadata } from '../metadata/write.ts';
import { bootDiskFile, dataDiskFile, SEED_FILE } from '../../config/vm-paths.ts';

/** Where and as what a machine runs: what its configuration does not say. */
export interface DomainPlacement {
  readonly virtType: VirtType;
  /** Format of the base image, as libvirt found it; undefined without an overlay. */
  readonly backingFormat: DiskFormat | undefined;
  readonly metadata: NewMetadata;
}

type Element = ReturnType<ReturnType<typeof create>['ele']>;

/** The domain document. https://libvirt.org/formatdomain.html */
export function domainXml(machine: Machine, placement: DomainPlacement): string {
  const domain = create().ele('domain', { type: placement.virtType });
  domain.ele('name').txt(machine.name);
  domain.ele('uuid').txt(placement.metadata.uuid);
  if (machine.description !== undefined) domain.ele('description').txt(literal(machine.description));
  addMetadata(domain.ele('metadata'), placement.metadata);
  domain.ele('memory', { unit: 'MiB' }).txt(String(machine.memoryMib));
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
function addOs(domain: Element, { firmware, machineType }: Machine): void {
  const os = domain.ele('os', firmware === 'uefi' ? { firmware: 'efi' } : {});
  os.ele('type', { arch: 'x86_64', machine: machineType }).txt('hvm');
  if (firmware === 'uefi') os.ele('firmware').ele('feature', { enabled: 'no', name: 'secure-boot' });
  os.ele('boot', { dev: 'hd' });
}

function addDevices(devices: Element, machine: Machine, placement: DomainPlacement): void {
  addBootDisk(devices, machine, placement);
  for (const { device, ...tuning } of machine.dataDisks) {
    const path = `${placement.metadata.directory}/${dataDiskFile(device)}`;
    addDisk(devices, { ...tuning, format: 'qcow2' }, path, device);
  }
  const { cloudInit } = machine;
  if (cloudInit !== undefined)
    addSeed(devices, cloudInit.bus, `${placement.metadata.directory}/${SEED_FILE}`);
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
  const disk = addDisk(devices, bootDisk, path, 'vda');
  if (bootDisk.image === undefined || placement.backingFormat === undefined) return;
  const backing = disk.ele('backingStore', { type: 'file' });
  backing.ele('format', { type: placement.backingFormat });
  backing.ele('source', { file: literal(bootDisk.image) }).ele('seclabel', { model: 'dac', relabel: 'no' });
  backing.ele('backingStore');
}

type DiskDriver = Pick<BootDisk, 'cache' | 'discard'> & { readonly format: DiskFormat };

/** `type='file'` with the real path: AppArmor's helper does not resolve volumes. */
function addDisk(devices: Element, driver: DiskDriver, path: string, device: string): Element {
  const { format, cache, discard } = driver;
  const disk = devices.ele('disk', { type: 'file', device: 'disk' });
  disk.ele('driver', { name: 'qemu', type: format, cache, ...(discard === 'ignore' ? {} : { discard }) });
  disk.ele('source', { file: literal(path) });
  disk.ele('target', { dev: device, bus: 'virtio' });
  return disk;
}

/** Beyond vdz, so that it is in no data disk's way. */
const SEED_DISK = 'vdaa';

/**
 * On virtio-scsi unless the file says otherwise: cloud kernels have no AHCI driver and would not see a SATA cdrom.
 * virtio-blk has no drives for media, so there it is a disk that cannot be written.
 */
function addSeed(devices: Element, bus: SeedBus, path: string): void {
  if (bus === 'scsi') devices.ele('controller', { type: 'scsi', index: 0, model: 'virtio-scsi' });
  const seed = devices.ele('disk', { type: 'file', device: bus === 'virtio' ? 'disk' : 'cdrom' });
  seed.ele('driver', { name: 'qemu', type: 'raw' });
  seed.ele('source', { file: literal(path) });
  seed.ele('target', { dev: bus === 'virtio' ? SEED_DISK : 'sda', bus });
  seed.ele('readonly');
}

function addInterface(devices: Element, { mac, bridge, mtu }: NetworkInterface): void {
  const element = devices.ele('interface', { type: 'bridge' });
  element.ele('mac', { address: mac });
  element.ele('source', { bridge });
  element.ele('model', { type: 'virtio' });
  if (mtu !== undefined) element.ele('mtu', { size: mtu });
}
