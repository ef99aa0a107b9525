import { SEED_FILE } from '../../../config/vm-paths.ts';
import { literal } from '../../literal.ts';
import { ANYTHING, PLACE } from './device.ts';
import type { Device } from './device.ts';

/** Beyond vdz, so that it is in no data disk's way. */
const SEED_DISK = 'vdaa';

/**
 * The seed ISO. On virtio-scsi unless the file says otherwise: cloud kernels have no AHCI driver and would
 * not see a SATA cdrom. virtio-blk has no drives for media, so there it is a disk that cannot be written.
 */
export const SEED: Device = {
  write: (devices, { provisioning }, { directory }) => {
    if (provisioning?.format !== 'cloud-init') return;
    const { bus } = provisioning;
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
