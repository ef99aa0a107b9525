import * as z from 'zod/mini';
import { _default as withDefault } from 'zod/mini';

import { deviceMistake, imageMistake } from '../../values/names.ts';
import { ioLimits } from './extras.ts';
import { count, described, ruled } from '../../schema/words.ts';

/** QEMU makes no larger qcow2 image (measured with 7.2, clusters of 64 KiB). */
const MOST_DISK_GIB = 2 ** 21;

const diskSize = count(MOST_DISK_GIB, '2 PiB, the most that qcow2 holds');

/** Keys that every disk has. https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms */
const tuning = {
  cache: described(
    'How QEMU caches: none and directsync go past the cache of the hypervisor (they need a file system with direct I/O), unsafe never waits for the disk.',
    withDefault(z.enum(['none', 'writeback', 'writethrough', 'directsync', 'unsafe']), 'none'),
  ),
  discard: described(
    'What becomes of blocks that the guest gives back (fstrim): unmap frees them in the file, ignore keeps them.',
    withDefault(z.enum(['ignore', 'unmap']), 'ignore'),
  ),
  io_limits: ioLimits,
};

export const bootDisk = z.strictObject({
  size_gb: described(
    "Size of the VM's own disk in GiB (2^30 bytes); not below the image's own size.",
    diskSize,
    { examples: [20] },
  ),
  image: described(
    "Absolute path of the base image on the hypervisor; the name of one that plow image pull has brought there (debian-12: the newest; debian-12@VERSION; sha256:...); or, with create --upload, that of a file of this machine, from ./ or ../ on, which begin at this file's directory, or from ~/ on. It is never changed. Required unless empty is true.",
    z.optional(ruled(imageMistake, '^((/|\\.{1,2}/|~/).*[^/]|[a-z0-9][a-z0-9._:@-]*)$')),
    { examples: ['/var/lib/libvirt/images/debian-12.qcow2', 'debian-12', './debian-12.qcow2'] },
  ),
  image_format: described(
    'Format of the image. Unless given, a name that ends in .qcow2 or .raw says it, else the image itself. An image that is something else is refused.',
    z.optional(z.enum(['qcow2', 'raw'])),
  ),
  empty: described('Make an empty disk instead of one from an image.', withDefault(z.boolean(), false)),
  format: described(
    "Format of the VM's own disk: qcow2 is an overlay on the image, raw a full copy of it.",
    withDefault(z.enum(['qcow2', 'raw']), 'qcow2'),
  ),
  ...tuning,
});

export const dataDisk = z.strictObject({
  device: described('Target device, vdb to vdz, each once.', ruled(deviceMistake, '^vd[b-z]$'), {
    examples: ['vdb'],
  }),
  size_gb: described('Size in GiB (2^30 bytes).', diskSize, { examples: [100] }),
  ...tuning,
});
