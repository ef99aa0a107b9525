import { ARCHITECTURES } from '../../../config/architectures.ts';
import { CDROM_TARGET } from '../../../config/values/media.ts';
import { literal } from '../../literal.ts';
import { bootOrders } from './boot-order.ts';
import type { Device, Element } from './device.ts';
import { seedBusOf } from './seed.ts';

/** A drive, what is in it, and its place among what the firmware tries. */
interface WrittenDrive {
  readonly image: string | undefined;
  readonly bus: string;
  readonly target: string;
  readonly bootOrder: number | undefined;
}

/** The drive for an install medium. */
export const CDROM: Device = {
  write: (devices, machine, { arch }) => {
    const { cdrom } = machine;
    if (cdrom === undefined) return;
    const { image, bus = ARCHITECTURES[arch].cdromBus } = cdrom;
    if (bus === 'scsi' && seedBusOf(machine) !== 'scsi')
      devices.ele('controller', { type: 'scsi', index: 0, model: 'virtio-scsi' });
    addDrive(devices, { image, bus, target: CDROM_TARGET, bootOrder: bootOrders(machine).cdrom });
  },
  // The shape of its elements is that of disks and of the seed's controller.
  shapes: {},
};

/**
 * `raw` in so many words, so that nothing looks for a backing file in it. `relabel='no'` leaves the ISO to
 * its owner, and with `startupPolicy` the VM starts without one that is gone.
 */
function addDrive(devices: Element, { image, bus, target, bootOrder }: WrittenDrive): void {
  const disk = devices.ele('disk', { type: 'file', device: 'cdrom' });
  disk.ele('driver', { name: 'qemu', type: 'raw' });
  if (image !== undefined) {
    const source = disk.ele('source', { file: literal(image), startupPolicy: 'optional' });
    source.ele('seclabel', { model: 'dac', relabel: 'no' });
  }
  disk.ele('target', { dev: literal(target), bus: literal(bus) });
  if (bootOrder !== undefined) disk.ele('boot', { order: bootOrder });
  disk.ele('readonly');
}
