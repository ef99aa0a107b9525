import type { Machine, SeedBus } from '../../../config/machine.ts';
import { isSeedFile, SEED_FILE } from '../../../config/vm-paths.ts';
import { literal } from '../../literal.ts';
import { ANYTHING, PLACE } from './device.ts';
import type { Device } from './device.ts';
import type { DiskFacts } from './disk.ts';

/** Beyond vdz, so that it is in no data disk's way. */
const SEED_DISK = 'vdaa';

/**
 * The seed ISO. On virtio-scsi unless the file says otherwise: cloud kernels have no AHCI driver and would
 * not see a SATA cdrom. virtio-blk has no drives for media, so there it is a disk that cannot be written.
 */
export const SEED: Device = {
  write: (devices, machine, { directory }) => {
    const bus = seedBusOf(machine);
    if (bus === undefined) return;
    if (bus === 'scsi') devices.ele('controller', { type: 'scsi', index: 0, model: 'virtio-scsi' });
    const seed = devices.ele('disk', { type: 'file', device: bus === 'virtio' ? 'disk' : 'cdrom' });
    seed.ele('driver', { name: 'qemu', type: 'raw' });
    seed.ele('source', { file: literal(`${directory}/${SEED_FILE}`) });
    seed.ele('target', { dev: bus === 'virtio' ? SEED_DISK : 'sda', bus });
    seed.ele('readonly');
  },
  shapes: {
    controller: {
      oneOf: [
        { attributes: { type: /^scsi$/u, index: /^0$/u, model: /^virtio-scsi$/u }, children: PLACE },
        // Those that libvirt adds by itself.
        {
          ...ANYTHING,
          attributes: { type: /^(?:usb|pci|ide|sata|virtio-serial|fdc|isa)$/u, index: true, model: true },
        },
      ],
    },
  },
};

/** Undefined: it gets no seed. */
export function seedBusOf({ provisioning }: Pick<Machine, 'provisioning'>): SeedBus | undefined {
  return provisioning?.format === 'cloud-init' ? provisioning.bus : undefined;
}

/** Whether a drive is that of the seed which plow made, by what lies in it. @param directory the VM's own */
export function isSeedOf({ source }: Pick<DiskFacts, 'source'>, directory: string | undefined): boolean {
  if (directory === undefined || source?.startsWith(`${directory}/`) !== true) return false;
  return isSeedFile(source.slice(directory.length + 1));
}
