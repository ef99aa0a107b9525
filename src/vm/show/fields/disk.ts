import type { DiskFacts } from '../../../libvirt-xml/domain/devices/disk.ts';
import type { Declared, DeclaredDisk } from '../../../libvirt-xml/metadata/declared.ts';
import { bytesText } from '../../../text/quantities.ts';
import { GIB } from '../../../text/units.ts';
import type { DiskDetails } from '../details.ts';
import { ioLimitsText } from '../../../config/machine/extras.ts';
import { IO_LIMIT_KEYS } from './extras.ts';
import { compared, declaredKeys, json, jsonOrNull, partsOrNull, words } from './field.ts';
import type { Field, Key, Sides } from './field.ts';

/** What plow made of a disk, by the names that documents have for it. */
export interface MadeDisk extends Partial<DeclaredDisk> {
  readonly source: string;
  readonly format: string;
}

export interface DiskSides extends Sides<DiskFacts, MadeDisk> {
  /** Virtual size in bytes, where it is known. */
  readonly capacity: number | undefined;
}

export type DiskField = Field<DiskDetails, Partial<DeclaredDisk>, DiskSides>;

/** What there is to tell of a disk. */
export const DISK_FIELDS: readonly DiskField[] = [
  { key: 'target', json: json('string', ({ target }) => target, 'vda') },
  { key: 'device', json: json('string', ({ device }) => device, 'disk, cdrom, lun or floppy') },
  { key: 'bus', json: jsonOrNull('string', ({ bus }) => bus) },
  { key: 'type', json: json('string', ({ type }) => type, 'file, block, volume, network...') },
  {
    key: 'source',
    json: jsonOrNull('string', ({ source }) => source, 'path, pool/volume or name; null for an empty drive'),
    lines: ({ source, exists }) => [
      ['Source', source === undefined ? 'none' : `${source}${exists === false ? ' (missing)' : ''}`],
    ],
  },
  {
    key: 'exists',
    json: jsonOrNull(
      'boolean',
      ({ exists }) => exists,
      'null where it cannot be told, and for an empty drive',
    ),
  },
  {
    key: 'format',
    json: jsonOrNull('string', ({ format }) => format),
    lines: (disk) => [['Kind', kindText(disk)]],
    compare: (sides) => ({
      ...compared(
        ({ format }: DiskFacts) => format,
        ({ format }: MadeDisk) => format,
      )(sides),
      // libvirt drops that of an empty drive while the VM runs.
      isSame: (one, other) => one === other || sides.stored.source === undefined,
    }),
  },
  { key: 'read_only', json: json('boolean', ({ readOnly }) => readOnly) },
  {
    key: 'boot_order',
    json: jsonOrNull('integer', ({ bootOrder }) => bootOrder, 'among all that the firmware tries'),
    lines: ({ bootOrder }) => [['Boot order', bootOrder?.toString()]],
  },
  {
    key: 'virtual_bytes',
    json: jsonOrNull(
      'number',
      ({ size }) => size?.capacityBytes,
      'what the guest sees; null where it is not known, as of a QEMU that hangs',
    ),
    lines: (disk, { details }) => [['Size', sizeText(disk, details)]],
  },
  {
    key: 'allocated_bytes',
    json: jsonOrNull('number', ({ size }) => size?.takenBytes, 'what it takes up now'),
    lines: ({ size }) => [['Allocated', size && bytesText(size.takenBytes)]],
  },
  {
    key: 'backing',
    json: json(
      'strings',
      ({ backing }) => [...backing],
      'the layers below, top first, as far as libvirt says',
    ),
    lines: ({ backing, missingBacking }) =>
      backing.map((layer, index) => [
        index === 0 ? 'Backing' : 'behind it',
        missingBacking.includes(layer) ? `${layer} (missing)` : layer,
      ]),
  },
  {
    key: 'missing_backing',
    json: json(
      'strings',
      ({ missingBacking }) => [...missingBacking],
      'those of them that are not there, as far as it can be told',
    ),
  },
  { key: 'size_gib', declared: jsonOrNull('number', ({ sizeGib }) => sizeGib) },
  {
    key: 'cache',
    declared: jsonOrNull('string', ({ cache }) => cache),
    declaredWords: ({ cache }) => unlessUsual('cache', cache, 'none'),
    compare: compared(
      ({ cache = 'default' }) => cache,
      ({ cache }) => cache,
    ),
  },
  {
    key: 'discard',
    declared: jsonOrNull('string', ({ discard }) => discard),
    declaredWords: ({ discard }) => unlessUsual('discard', discard, 'ignore'),
    compare: compared(
      ({ discard = 'ignore' }) => discard,
      ({ discard }) => discard,
    ),
  },
  {
    key: 'io_limits',
    json: partsOrNull(IO_LIMIT_KEYS, ({ ioLimits }) => ioLimits, 'null: as much as the host can do'),
    lines: ({ ioLimits }) => [['Limits', ioLimitsText(ioLimits)]],
    declared: partsOrNull(IO_LIMIT_KEYS, ({ ioLimits }) => ioLimits),
    declaredWords: ({ ioLimits }) => ioLimitsText(ioLimits),
    compare: compared(
      ({ ioLimits }) => ioLimitsText(ioLimits) ?? null,
      ({ ioLimits }) => ioLimitsText(ioLimits) ?? null,
    ),
    word: 'limits',
  },
  {
    key: 'size_bytes',
    compare: ({ made, stored, capacity }) =>
      capacity === undefined || made?.sizeGib === undefined || made.source !== stored.source
        ? undefined
        : { declared: made.sizeGib * GIB, stored: capacity },
    word: 'size',
    unit: 'bytes',
  },
];

type BootDisk = Declared['bootDisk'];
type DataDisk = Declared['dataDisks'][number];

export const DECLARED_BOOT_DISK: readonly Key<BootDisk>[] = [
  ...declaredKeys(DISK_FIELDS),
  { key: 'image', json: jsonOrNull('string', ({ image }) => image) },
  { key: 'image_format', json: jsonOrNull('string', ({ imageFormat }) => imageFormat) },
  { key: 'format', json: jsonOrNull('string', ({ format }) => format) },
];

export const DECLARED_DATA_DISK: readonly Key<DataDisk>[] = [
  { key: 'device', json: json('string', ({ device }) => device) },
  ...declaredKeys(DISK_FIELDS),
];

export function declaredBootDiskText(disk: BootDisk): string {
  const { image, format } = disk;
  const way = format === 'raw' ? 'a copy of' : 'an overlay on';
  return words(gibText(disk), format, image === undefined ? 'empty' : `${way} ${image}`, ...tuning(disk));
}

export function declaredDiskText(disk: DataDisk): string {
  return words(gibText(disk), ...tuning(disk));
}

function gibText({ sizeGib }: DeclaredDisk): string | undefined {
  return sizeGib === undefined ? undefined : `${sizeGib} GiB`;
}

function tuning(disk: DeclaredDisk): readonly (string | undefined)[] {
  return DISK_FIELDS.map(({ declaredWords }) => declaredWords?.(disk));
}

/** What is as by default is not worth a word. */
function unlessUsual(word: string, value: string | undefined, usual: string): string | undefined {
  return value === undefined || value === usual ? undefined : `${word} ${value}`;
}

function kindText({ device, bus, format, readOnly }: DiskDetails): string {
  return [device, bus, format, readOnly ? 'read-only' : undefined].filter(Boolean).join(', ');
}

function sizeText({ source, size, exists }: DiskDetails, { isLate }: { readonly isLate: boolean }) {
  if (source === undefined || exists === false) return undefined;
  if (size !== undefined) return bytesText(size.capacityBytes);
  return isLate ? 'unknown: no answer in time' : 'unknown';
}
