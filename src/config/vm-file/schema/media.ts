import * as z from 'zod/mini';

import { bootDeviceMistake, CDROM_BUSES, mediumMistake } from '../../values/media.ts';
import { described, ruled } from '../../schema/words.ts';

const MEDIUM = '^((/|\\.{1,2}/|~/).*[^/]|[a-z0-9][a-z0-9._:@-]*)$';

const drive = z.strictObject(
  {
    image: described(
      'Absolute path of the ISO on the hypervisor, in a directory of images (image_dirs); the name of one that plow image pull or import has brought there; or, with create --upload, that of a file of this machine, as boot_disk.image has them. It is never changed. Left out, the drive is empty until plow media insert.',
      z.optional(ruled(mediumMistake, MEDIUM)),
      { examples: ['/var/lib/libvirt/images/debian-13.iso', 'debian-13-netinst', './debian-13.iso'] },
    ),
    bus: described(
      'Bus of the drive. Default: sata, which installers see; scsi (virtio-scsi) on aarch64.',
      z.optional(z.enum(CDROM_BUSES)),
    ),
  },
  {
    error: ({ code, input }) =>
      code === 'invalid_type' && input === null
        ? 'expected a path, a name or a map of keys, found nothing (write {} for an empty drive)'
        : undefined,
  },
);

/** A path, or a name, is short for a map with nothing else in it. */
export const cdrom = z.union([drive, ruled(mediumMistake, MEDIUM)]);

export const boot = z
  .array(ruled(bootDeviceMistake, '^(disk|cdrom|network(:[0-9]{1,3})?)$'))
  .check(z.minLength(1));
