import { create } from 'xmlbuilder2';
import type { BootDisk, DiskFormat, Machine } from '../../../config/machine.ts';
import { bootDiskFile, dataDiskFile } from '../../../config/vm-paths.ts';
import { ioThreadOf } from '../../../config/machine/extras.ts';
import type { IoLimits } from '../../../config/machine/extras.ts';
import { literal } from '../../literal.ts';
import { addIoLimits, IO_TUNE, readIoLimits } from '../extras/io-limits.ts';
import type { XmlElement } from '../../read/parse.ts';
import { bootOrders } from './boot-order.ts';
import { ANYTHING, PLACE } from './device.ts';
import type { Device, DevicePlacement, Element } from './device.ts';

export interface DiskFacts {
  /** `vda`. */
  readonly target: string;
  /** `virtio`, `scsi`, `sata`... */
  readonly bus: string | undefined;
  /** `disk`, `cdrom`, `lun` or `floppy`. */
  readonly device: string;
  /** `file`, `block`, `volume`, `network`... */
  readonly type: string;
  /** Path, `pool/volume` or the name of a network source; undefined for an empty drive. */
  readonly source: string | undefined;
  readonly format: string | undefined;
  readonly cache: string | undefined;
  readonly discard: string | undefined;
  readonly readOnly: boolean;
  /** Its place among what the firmware tries; undefined: the document gives it none. */
  readonly bootOrder: number | undefined;
  /** Sources of the layers below, top first, as far as the document says. */
  readonly backing: readonly string[];
  /** Undefined: nothing is bounded. */
  readonly ioLimits: IoLimits | undefined;
  /** The thread of QEMU that serves it, from 1 on; undefined: the main one. */
  readonly ioThread: number | undefined;
}

/** Boot disk and data disks. Of their elements only what DiskFacts leaves out is told. */
export const DISKS: Device = {
  write: (devices, machine, placement) => {
    addBootDisk(devices, machine, placement);
    for (const [index, { device, ...tuning }] of machine.dataDisks.entries()) {
      const path = `${placement.directory}/${dataDiskFile(device)}`;
      const ioThread = ioThreadOf(index + 1, machine.ioThreads);
      addDisk(devices, { ...tuning, format: 'qcow2', ioThread }, path, device);
    }
  },
  shapes: {
    disk: {
      attributes: { type: true, device: true },
      children: {
        ...PLACE,
        driver: {
          attributes: { name: /^qemu$/u, type: true, cache: true, discard: true, iothread: /^\d+$/u },
        },
        source: {
          attributes: {
            file: true,
            dev: true,
            pool: true,
            volume: true,
            index: true,
            startupPolicy: true,
          },
          children: { seclabel: ANYTHING },
        },
        backingStore: ANYTHING,
        target: { attributes: { dev: true, bus: true } },
        iotune: IO_TUNE,
        boot: { attributes: { order: /^\d+$/u } },
        readonly: {},
      },
    },
  },
};

/**
 * The backing chain stands in full, so that libvirt probes nothing. `relabel='no'` on the base image keeps
 * libvirt from giving it to QEMU's user at the first start: it belongs to someone else.
 */
function addBootDisk(devices: Element, machine: Machine, placement: DevicePlacement): void {
  const { bootDisk } = machine;
  const path = `${placement.directory}/${bootDiskFile(bootDisk.format)}`;
  const ioThread = ioThreadOf(0, machine.ioThreads);
  const disk = addDisk(devices, { ...bootDisk, ioThread }, path, 'vda');
  const order = bootOrders(machine).disk;
  if (order !== undefined) disk.ele('boot', { order });
  if (bootDisk.image === undefined || placement.backingFormat === undefined) return;
  const backing = disk.ele('backingStore', { type: 'file' });
  backing.ele('format', { type: placement.backingFormat });
  backing.ele('source', { file: literal(bootDisk.image) }).ele('seclabel', { model: 'dac', relabel: 'no' });
  backing.ele('backingStore');
}

type DiskDriver = Pick<BootDisk, 'cache' | 'discard' | 'ioLimits'> & {
  readonly format: DiskFormat;
  readonly ioThread?: number | undefined;
};

/** `type='file'` with the real path: AppArmor's helper does not resolve volumes. */
function addDisk(devices: Element, driver: DiskDriver, path: string, device: string): Element {
  const { format, cache, discard, ioThread } = driver;
  const disk = devices.ele('disk', { type: 'file', device: 'disk' });
  disk.ele('driver', {
    name: 'qemu',
    type: format,
    cache,
    ...(discard === 'ignore' ? {} : { discard }),
    ...(ioThread === undefined ? {} : { iothread: ioThread }),
  });
  disk.ele('source', { file: literal(path) });
  disk.ele('target', { dev: device, bus: 'virtio' });
  addIoLimits(disk, driver.ioLimits);
  return disk;
}

/** A data disk on its own, as create gives it to a VM. */
export function dataDiskXml(disk: Omit<DiskDriver, 'format'>, path: string, device: string): string {
  const devices = create().ele('devices');
  return addDisk(devices, { ...disk, format: 'qcow2' }, path, device).toString();
}

/** What libvirt knows a disk by. */
export function diskToDetach({ type, source }: DiskFacts, target: string): string {
  const disk = create().ele('disk', { type, device: 'disk' });
  if (type === 'file' && source !== undefined) disk.ele('source', { file: literal(source) });
  disk.ele('target', { dev: target });
  return disk.end({ headless: true });
}

export function readDisk(disk: XmlElement): DiskFacts {
  const driver = disk.first('driver');
  const order = disk.first('boot')?.attribute('order');
  return {
    target: disk.first('target')?.attribute('dev') ?? '?',
    bus: disk.first('target')?.attribute('bus'),
    device: disk.attribute('device') ?? 'disk',
    type: disk.attribute('type') ?? 'file',
    source: sourceOf(disk),
    format: driver?.attribute('type'),
    cache: driver?.attribute('cache'),
    discard: driver?.attribute('discard'),
    readOnly: disk.first('readonly') !== undefined,
    bootOrder: order === undefined ? undefined : Number(order),
    backing: chainBelow(disk),
    ioLimits: readIoLimits(disk),
    ioThread: threadOf(driver?.attribute('iothread')),
  };
}

/** Whether it is one of those that take the threads in turn, which a seed on virtio is not. */
export function takesThread({ device, bus, readOnly }: DiskFacts): boolean {
  return device === 'disk' && bus === 'virtio' && !readOnly;
}

function threadOf(text: string | undefined): number | undefined {
  return text === undefined || !/^\d{1,5}$/u.test(text) ? undefined : Number(text);
}

function sourceOf(layer: XmlElement): string | undefined {
  const source = layer.first('source');
  const pool = source?.attribute('pool');
  return (
    source?.attribute('file') ??
    source?.attribute('dev') ??
    source?.attribute('dir') ??
    (pool === undefined ? source?.attribute('name') : `${pool}/${source?.attribute('volume') ?? ''}`)
  );
}

function chainBelow(disk: XmlElement): readonly string[] {
  const chain: string[] = [];
  for (let layer = disk.first('backingStore'); layer !== undefined; layer = layer.first('backingStore')) {
    const source = sourceOf(layer);
    if (source !== undefined) chain.push(source);
  }
  return chain;
}
