import type { DeclaredCdrom } from '../../../libvirt-xml/metadata/media.ts';
import { isSeedOf } from '../../../libvirt-xml/domain/devices/seed.ts';
import type { DiskDetails, VmDetails } from '../details.ts';
import { each, json, jsonOrNull, partsOrNull, words } from './field.ts';
import type { Key, VmField } from './field.ts';

const DRIVE: readonly Key<DiskDetails>[] = [
  { key: 'target', json: json('string', ({ target }) => target) },
  { key: 'bus', json: jsonOrNull('string', ({ bus }) => bus) },
  { key: 'image', json: jsonOrNull('string', ({ source }) => source, 'null: the drive is empty') },
  {
    key: 'exists',
    json: jsonOrNull(
      'boolean',
      ({ exists }) => exists,
      'null where it cannot be told, and where it is empty',
    ),
  },
];

const CDROM: readonly Key<DeclaredCdrom>[] = [
  { key: 'image', json: jsonOrNull('string', ({ image }) => image, 'null: an empty drive') },
  { key: 'bus', json: jsonOrNull('string', ({ bus }) => bus) },
];

/** Drives and what is in them, and what the firmware was told to try. */
export const MEDIA_FIELDS: readonly VmField[] = [
  {
    key: 'media',
    json: each(DRIVE, drivesOf, 'drives for install media; the seed is in none of them'),
    lines: (details) => drivesOf(details).map((drive) => ['Medium', mediumText(drive)]),
  },
  {
    key: 'cdrom',
    declared: partsOrNull(CDROM, ({ cdrom }) => cdrom, 'null: it was made without a drive'),
    declaredLines: ({ cdrom }) => [
      ['Drive', cdrom && words(cdrom.image ?? 'empty', cdrom.bus && `on ${cdrom.bus}`)],
    ],
  },
  {
    key: 'boot',
    declared: json(
      'strings',
      ({ boot }) => [...(boot ?? [])],
      'what the firmware was told to try; empty where the usual order was taken',
    ),
    declaredLines: ({ boot }) => [['Boot', boot?.join(', ')]],
  },
];

function drivesOf({ disks, own }: VmDetails): readonly DiskDetails[] {
  return disks.filter((disk) => disk.device === 'cdrom' && !isSeedOf(disk, own?.directory));
}

function mediumText({ target, source, exists }: DiskDetails): string {
  if (source === undefined) return `none in ${target}`;
  return `${source} in ${target}${exists === false ? ' (missing)' : ''}`;
}
