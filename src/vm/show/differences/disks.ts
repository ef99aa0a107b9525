import { posix } from 'node:path';
import type { DiskFacts } from '../../../libvirt-xml/domain/devices/disk.ts';
import { bootDiskFileOf, dataDiskFile, isOverlayFile, provisioningFileOf } from '../../../config/vm-paths.ts';
import { CDROM_TARGET } from '../../../config/values/media.ts';
import { DISK_FIELDS } from '../fields/disk.ts';
import type { MadeDisk } from '../fields/disk.ts';
import type { Value } from '../details.ts';
import { comparisons } from './comparisons.ts';
import type { Comparison } from './comparisons.ts';
import type { Views } from './views.ts';

const EMPTY = 'empty';

/** Which disks there are, what they lie on, and how they are used. */
export function diskComparisons({ own, stored, live, capacities }: Views): readonly Comparison[] {
  const later = byTarget(stored.disks);
  const made = own && withLayers(madeDisks(own), later);
  const now = live && byTarget(live.disks);
  const targets = new Set([...(made?.keys() ?? []), ...later.keys(), ...(now?.keys() ?? [])]);
  return [...targets].flatMap((target): readonly Comparison[] => {
    const disk: Comparison = {
      what: `disk ${target}`,
      declared: made && (made.get(target)?.source ?? null),
      stored: sourceOf(later.get(target)),
      live: now && sourceOf(now.get(target)),
    };
    const storedOne = later.get(target);
    // One that comes or goes is told once.
    if (storedOne === undefined) return [disk];
    const sides = { made: made?.get(target), stored: storedOne, live: now?.get(target) };
    const capacity = capacities.get(storedOne.source ?? '');
    return [disk, ...comparisons(`disk ${target} `, DISK_FIELDS, { ...sides, capacity })];
  });
}

/** With a snapshot a disk goes on in a new layer on the file that it was made with. */
function withLayers(
  made: ReadonlyMap<string, MadeDisk>,
  later: ReadonlyMap<string, DiskFacts>,
): ReadonlyMap<string, MadeDisk> {
  return new Map(
    [...made].map(([target, disk]) => {
      const { source = '', backing = [] } = later.get(target) ?? {};
      const isLayer = isOverlayFile(posix.basename(source)) && backing.includes(disk.source);
      return [target, isLayer ? { ...disk, source, format: 'qcow2' } : disk] as const;
    }),
  );
}

function byTarget(disks: readonly DiskFacts[]): ReadonlyMap<string, DiskFacts> {
  return new Map(disks.map((disk) => [disk.target, disk]));
}

function sourceOf(disk: DiskFacts | undefined): Value {
  return disk === undefined ? null : (disk.source ?? EMPTY);
}

function madeDisks({ declared, directory }: NonNullable<Views['own']>): ReadonlyMap<string, MadeDisk> {
  const { bootDisk, dataDisks, provisioning, cdrom } = declared;
  const format = bootDisk.format === 'raw' ? 'raw' : 'qcow2';
  return new Map<string, MadeDisk>([
    ['vda', { ...bootDisk, source: `${directory}/${bootDiskFileOf({ ...bootDisk, format })}`, format }],
    ...dataDisks.map((disk): [string, MadeDisk] => [
      disk.device,
      { ...disk, source: `${directory}/${dataDiskFile(disk.device)}`, format: 'qcow2' },
    ]),
    ...seedEntry(provisioning, directory),
    ...(cdrom === undefined
      ? []
      : [[CDROM_TARGET, { source: cdrom.image ?? EMPTY, format: 'raw' }] as [string, MadeDisk]]),
  ]);
}

function seedEntry(
  guest: NonNullable<Views['own']>['declared']['provisioning'],
  directory: string,
): readonly [string, MadeDisk][] {
  if (guest?.format !== 'cloud-init') return [];
  const source = `${directory}/${provisioningFileOf(guest)}`;
  return [[guest.bus === 'virtio' ? 'vdaa' : 'sda', { source, format: 'raw' }]];
}
