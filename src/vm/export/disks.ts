import { posix } from 'node:path';
import type { DraftValues } from '../../config/draft/draft.ts';
import { deviceMistake, imagePathMistake } from '../../config/values/names.ts';
import type { CacheMode, ConfigPath, DiskFormat } from '../../config/machine.ts';
import { GIB } from '../../text/units.ts';
import type { DiskFacts } from '../../libvirt-xml/domain/devices/disk.ts';
import type { DeclaredDisk } from '../../libvirt-xml/metadata/declared.ts';
import { ioLimitsOf } from './parts/extras.ts';
import { driveOf } from './parts/drive.ts';
import type { Evidence } from './evidence.ts';
import { Words } from './piece.ts';
import type { Piece } from './piece.ts';

type BootDisk = NonNullable<DraftValues['boot_disk']>;
type Tuning = Pick<BootDisk, 'size_gb' | 'cache' | 'discard' | 'io_limits'>;

const CACHES: readonly CacheMode[] = ['none', 'writeback', 'writethrough', 'directsync', 'unsafe'];

/** Boot disk and data disks; what is none of them in plow's sense is told. */
export function diskPiece(evidence: Evidence): Piece {
  const words = new Words();
  const drive = driveOf(evidence);
  const disks = evidence.facts.disks.filter(
    (disk) => disk !== drive && disk.target !== evidence.seed?.target,
  );
  const boot = bootDiskOf(evidence);
  const data = disks.filter((disk) => disk !== boot && isDataDisk(disk));
  for (const disk of disks) {
    if (disk !== boot && !data.includes(disk)) words.rest.push(describeDrive(disk, evidence));
  }
  tellGone(evidence, data, words);
  const values: DraftValues = {
    boot_disk: bootDisk(boot, evidence, words),
    data_disks: data.map((disk, index) => dataDisk(disk, index, evidence, words)),
  };
  return { values, remarks: words.remarks, rest: words.rest };
}

/** The first that is no seed, wherever it is plugged in; vda before all others. */
export function bootDiskOf({ facts, seed }: Pick<Evidence, 'facts' | 'seed'>): DiskFacts | undefined {
  const disks = facts.disks.filter(({ device, target }) => device === 'disk' && target !== seed?.target);
  return disks.find(({ target }) => target === 'vda') ?? disks[0];
}

function isDataDisk({ device, target, bus }: DiskFacts): boolean {
  return device === 'disk' && bus === 'virtio' && deviceMistake(target) === undefined;
}

function bootDisk(disk: DiskFacts | undefined, evidence: Evidence, words: Words): BootDisk {
  if (disk === undefined) {
    words.at(['boot_disk', 'size_gb'], 'size_gb: the domain has no disk');
    return {};
  }
  const path = ['boot_disk'];
  if (disk.target !== 'vda' || disk.bus !== 'virtio')
    words.at(path, `it is ${disk.target} on ${disk.bus ?? 'no bus'}; plow's is vda on virtio`);
  const format = formatOf(disk, path, evidence, words);
  const made = evidence.metadata?.declared.bootDisk;
  if (made !== undefined) {
    words.changed([...path, 'format'], format, made.format);
    words.changed([...path, 'cache'], cacheOf(disk), made.cache);
  }
  return {
    ...tuning(disk, path, made, evidence, words),
    ...origin(disk, format, evidence, words),
    format,
  };
}

function dataDisk(
  disk: DiskFacts,
  index: number,
  evidence: Evidence,
  words: Words,
): NonNullable<DraftValues['data_disks']>[number] {
  const path = ['data_disks', index];
  const made = evidence.metadata?.declared.dataDisks.find(({ device }) => device === disk.target);
  const format = formatOf(disk, path, evidence, words);
  if (format !== 'qcow2') words.at([...path, 'device'], `it is ${format}; plow makes qcow2`);
  const below = backingOf(disk, evidence);
  if (below !== undefined)
    words.at([...path, 'device'], `it is an overlay on ${below}; plow makes an empty disk`);
  return { device: disk.target, ...tuning(disk, path, made, evidence, words) };
}

function tuning(
  disk: DiskFacts,
  path: ConfigPath,
  made: DeclaredDisk | undefined,
  evidence: Evidence,
  words: Words,
): Tuning {
  tellPlace(disk, path, evidence, words);
  if (disk.readOnly) words.at(path, 'it is read-only');
  return {
    size_gb: sizeOf(disk, path, made?.sizeGib, evidence, words),
    cache: cacheOf(disk),
    discard: disk.discard === 'unmap' ? 'unmap' : 'ignore',
    io_limits: ioLimitsOf(disk, path, made, words),
  };
}

/**
 * `writeback` is what QEMU does where nothing is said.
 * https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
 */
function cacheOf({ cache }: DiskFacts): CacheMode {
  return CACHES.find((mode) => mode === cache) ?? 'writeback';
}

function sizeOf(
  { target }: DiskFacts,
  path: ConfigPath,
  madeGib: number | undefined,
  { volumes, capacities }: Evidence,
  words: Words,
): number | undefined {
  const volume = volumes.get(target);
  const bytes = typeof volume === 'object' ? volume.capacityBytes : capacities.get(target);
  if (bytes === undefined) {
    const reason = typeof volume === 'string' ? volume : 'it is no file';
    const known = madeGib === undefined ? '' : '; as plow made it';
    words.at([...path, 'size_gb'], `size_gb: the size of ${target} is not known (${reason})${known}`);
    return madeGib;
  }
  const gib = bytes / GIB;
  const size = Math.max(1, Math.ceil(gib));
  words.changed([...path, 'size_gb'], size, madeGib);
  if (size !== gib) words.at([...path, 'size_gb'], `${target} has ${bytes} bytes`);
  return size;
}

function formatOf(disk: DiskFacts, path: ConfigPath, { volumes }: Evidence, words: Words): DiskFormat {
  const volume = volumes.get(disk.target);
  const format = disk.format ?? (typeof volume === 'object' ? volume.format : 'raw');
  if (format === 'qcow2' || format === 'raw') return format;
  words.at(path, `it is ${format}; plow makes qcow2`);
  return 'qcow2';
}

/** What a disk stands on, as far as that is known. */
export function backingOf(disk: DiskFacts, { volumes }: Pick<Evidence, 'volumes'>): string | undefined {
  const volume = volumes.get(disk.target);
  return disk.backing[0] ?? (typeof volume === 'object' ? volume.backingPath : undefined);
}

/** Where the content of the boot disk comes from. */
function origin(
  disk: DiskFacts,
  format: DiskFormat,
  evidence: Evidence,
  words: Words,
): Pick<BootDisk, 'image' | 'image_format' | 'empty'> {
  const below = backingOf(disk, evidence);
  const path = ['boot_disk', 'image'];
  if (below !== undefined && evidence.missing.includes(below))
    words.at(
      path,
      `image: ${below} is missing, without which neither this VM nor one made from this file can start`,
    );
  const made = evidence.metadata?.declared.bootDisk;
  const unseen = below === undefined ? evidence.volumes.get(disk.target) : undefined;
  const unknown =
    typeof unseen === 'string' ? `image: what the disk stands on is not known (${unseen})` : undefined;
  if (made !== undefined) {
    if (unknown !== undefined) words.at(made.image === undefined ? ['boot_disk'] : path, unknown);
    else if (format === 'qcow2' && made.image !== below)
      words.at(
        made.image === undefined ? ['boot_disk'] : path,
        `the disk stands on ${below ?? 'no other'} now`,
      );
    if (made.image === undefined) return { empty: true };
    const { imageFormat: said } = made;
    return {
      image: imageWord(made.image, evidence),
      ...(said === 'qcow2' || said === 'raw' ? { image_format: said } : {}),
    };
  }
  if (unknown !== undefined) {
    words.at(['boot_disk'], unknown);
    return {};
  }
  if (below === undefined) {
    words.at(
      ['boot_disk', 'empty'],
      'the disk is a whole one, and what it was made from is not known: a create makes an empty one',
    );
    return { empty: true };
  }
  if (isOfSnapshot(below, disk, evidence)) {
    words.at(
      path,
      `image: the disk stands on ${below} since a snapshot, it seems; a VM made on that would break when this one changes it`,
    );
    return {};
  }
  const mistake = imagePathMistake(below);
  if (mistake === undefined) return { image: imageWord(below, evidence) };
  words.at(path, `image: the disk stands on ${below}, which ${mistake}`);
  return {};
}

/** What a VM file says of an image: its name with its version where that is known, else its path. */
function imageWord(path: string, { image }: Pick<Evidence, 'image'>): string {
  return image?.path === path ? `${image.name}@${image.version}` : path;
}

/** Base images are not in the directory of a VM, nor beside the disk of one that has snapshots. */
function isOfSnapshot(below: string, { source = '' }: DiskFacts, { facts, snapshots }: Evidence): boolean {
  const directory = posix.dirname(source);
  return posix.dirname(below) === directory && (snapshots > 0 || posix.basename(directory) === facts.name);
}

/** plow's files are in the VM's own directory. */
function tellPlace(
  { target, type, source = '' }: DiskFacts,
  path: ConfigPath,
  { facts, metadata }: Evidence,
  words: Words,
): void {
  const directory = posix.dirname(source);
  const isOwn =
    metadata === undefined ? posix.basename(directory) === facts.name : directory === metadata.directory;
  if (type !== 'file') words.at(path, `${target} is of type ${type} (${source}); plow's disks are files`);
  else if (!isOwn) words.at(path, `${target} is ${source}; plow puts disks into a directory of the VM's own`);
}

/** A drive, or a disk that no file of plow's can have. */
function describeDrive(
  { device, target, bus, source, format }: DiskFacts,
  { volumes, unreadable }: Evidence,
): string {
  const volume = volumes.get(target);
  const size = typeof volume === 'object' ? `${volume.capacityBytes} bytes` : undefined;
  const facts = [bus, format, source ?? 'empty', size].filter((part) => part !== undefined);
  const reason = unreadable.get(target);
  const words = reason === undefined ? '' : `; it cannot be read as a seed: ${reason}`;
  return `${device} ${target} (${facts.join(', ')})${words}`;
}

function tellGone({ metadata }: Evidence, data: readonly DiskFacts[], words: Words): void {
  for (const { device, sizeGib } of metadata?.declared.dataDisks ?? []) {
    if (!data.some(({ target }) => target === device))
      words.rest.push(`${device} of ${sizeGib} GiB, which plow made, is unplugged`);
  }
}
