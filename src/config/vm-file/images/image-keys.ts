import type { Machine } from '../../machine.ts';
import { valueAt } from '../../yaml/raw-value.ts';

/** A key that names an image by its path, by a name or as a file of this machine. */
export interface ImageKey {
  readonly path: readonly [string, 'image'];
  /** Where a checked file has it, opened; and what a lock says of it. */
  readonly local: 'localImage' | 'localMedium';
  readonly lock: 'imageLock' | 'mediumLock';
  readonly of: (machine: Machine) => string | undefined;
}

/** The keys that name an image: that of the boot disk, and that in the drive. */
export const IMAGE_KEYS: readonly ImageKey[] = [
  {
    path: ['boot_disk', 'image'],
    local: 'localImage',
    lock: 'imageLock',
    of: ({ bootDisk }) => bootDisk.image,
  },
  { path: ['cdrom', 'image'], local: 'localMedium', lock: 'mediumLock', of: ({ cdrom }) => cdrom?.image },
];

/** What stands at such a key, right or wrong. @param file as it was written, defaults or not */
export function writtenImage(file: unknown, { path: [section, key] }: ImageKey): unknown {
  const value = valueAt(file, section);
  return section === 'cdrom' && typeof value === 'string' ? value : valueAt(value, key);
}
