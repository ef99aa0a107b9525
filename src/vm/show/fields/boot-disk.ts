import type { KnownImage } from '../../../config/machine.ts';
import { DECLARED_BOOT_DISK, declaredBootDiskText } from './disk.ts';
import { json, jsonOrNull, parts, partsOrNull, words } from './field.ts';
import type { Key, VmField } from './field.ts';
import { MEDIA_FIELDS } from './media.ts';

const KNOWN_IMAGE: readonly Key<KnownImage>[] = [
  { key: 'name', json: json('string', ({ name }) => name) },
  { key: 'version', json: json('string', ({ version }) => version, "the publisher's build") },
  { key: 'digest', json: jsonOrNull('string', ({ digest }) => digest, 'of the image itself, sha256:...') },
  { key: 'path', json: json('string', ({ path }) => path) },
];

/** The boot disk as plow made it, and its base image, where plow had pulled that; what else it boots from. */
export const BOOT_DISK_FIELDS: readonly VmField[] = [
  {
    key: 'boot_disk',
    declared: parts(DECLARED_BOOT_DISK, ({ bootDisk }) => bootDisk),
    declaredLines: ({ bootDisk }) => [['Boot disk', declaredBootDiskText(bootDisk)]],
  },
  {
    key: 'known_image',
    declared: partsOrNull(
      KNOWN_IMAGE,
      ({ image }) => image,
      'the base image as it was when plow made the VM; null where plow had not pulled it',
    ),
    declaredLines: ({ image }) => [['Image', image && imageText(image)]],
  },
  ...MEDIA_FIELDS,
];

function imageText({ name, version, digest }: KnownImage): string {
  return words(`${name}@${version}`, digest);
}
