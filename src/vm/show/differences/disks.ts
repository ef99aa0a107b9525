import { GIB } from '../../../text/units.ts';
import type { DeclaredDisk } from '../../../libvirt-xml/metadata/declared.ts';
import type { DiskFacts } from '../../../libvirt-xml/domain/devices/disk.ts';
import { bootDiskFile, dataDiskFile, SEED_FILE } from '../../../config/vm-paths.ts';
import type { Compared, Value, Views } from './differences.ts';

/** What plow made of a disk, by the names that documents have for it. */
interface MadeDisk extends Partial<DeclaredDisk> {
  readonly source: string;
  readonly format: string;
}

const EMPTY = 'empty';
/** What is written where a document says nothing. */
const USUAL = { cache: 'default', discard: 'ignore' } as const;

/** Which disks there are, what they lie on, and how they are used. */
export function diskComparisons({ own, stored, live, capacities }: Views): readonly Compared[] {
  const made = own && madeDisks(own);
  const [later, now] = [byTarget(stored.disks), live && byTarget(live.disks)];
  const targets = new Set([...(made?.keys() ?? []), ...later.keys(), ...(now?.keys() ?? [])]);
  return [...targets].flatMap((target): readonly Compared[] => [
    {
      what: `disk ${target}`,
      declared: made && (made.get(target)?.source ?? null),
      stored: sourceOf(later.get(target)),
      live: now && sourceOf(now.get(target)),
    },
    ...details(target, made?.get(target), later.get(target), now?.get(target), capacities),
  ]);
}

/** Of a disk that is there from the next start on; one that comes or goes is told once. */
function details(
  target: string,
  made: MadeDisk | undefined,
  stored: DiskFacts | undefined,
  live: DiskFacts | undefined,
  capacities: Views['capacities'],
): readonly Compared[] {
  if (stored === undefined) return [];
  const capacity = capacities.get(stored.source ?? '');
  const size = made?.source === stored.source ? made?.sizeGib : undefined;
  return [
    {
      what: `disk ${target} format`,
      declared: made?.format,
      stored: stored.format ?? null,
      live: live && (live.format ?? null),
    },
    {
      what: `disk ${target} cache`,
      declared: made?.cache,
      stored: stored.cache ?? USUAL.cache,
      live: live && (live.cache ?? USUAL.cache),
    },
    {
      what: `disk ${target} discard`,
      declared: made?.discard,
      stored: stored.discard ?? USUAL.discard,
      live: live && (live.discard ?? USUAL.discard),
    },
    ...(capacity === undefined || size === undefined
      ? []
      : [{ what: `disk ${target} size_bytes`, declared: size * GIB, stored: capacity }]),
  ];
}

function byTarget(disks: readonly DiskFacts[]): ReadonlyMap<string, DiskFacts> {
  return new Map(disks.map((disk) => [disk.target, disk]));
}

function sourceOf(disk: DiskFacts | undefined): Value {
  return disk === undefined ? null : (disk.source ?? EMPTY);
}

function madeDisks({ declared, directory }: NonNullable<Views['own']>): ReadonlyMap<string, MadeDisk> {
  const { bootDisk, dataDisks, cloudInit } = declared;
  const format = bootDisk.format === 'raw' ? 'raw' : 'qcow2';
  const seed = { source: `${directory}/${SEED_FILE}`, format: 'raw' };
  return new Map<string, MadeDisk>([
    ['vda', { ...bootDisk, source: `${directory}/${bootDiskFile(format)}`, format }],
    ...dataDisks.map((disk): [string, MadeDisk] => [
      disk.device,
      { ...disk, source: `${directory}/${dataDiskFile(disk.device)}`, format: 'qcow2' },
    ]),
    ...(cloudInit === undefined
      ? []
      : [[cloudInit.bus === 'virtio' ? 'vdaa' : 'sda', seed] as [string, MadeDisk]]),
  ]);
}
