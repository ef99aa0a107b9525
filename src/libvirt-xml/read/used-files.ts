import type { XmlElement } from './parse.ts';

export interface DomainDisk {
  readonly target: string;
  /** `disk`, `cdrom`, `lun` or `floppy`. */
  readonly device: string;
  /** `file`, `block`, `volume`, `network`... */
  readonly type: string;
  /** Path of the file or block device; undefined for an empty drive or another kind of source. */
  readonly path: string | undefined;
}

/** The disks that a domain document names; never what lies behind them in a backing chain. */
export function readDisks(domain: XmlElement): readonly DomainDisk[] {
  return domain.all('devices', 'disk').map((disk) => ({
    target: disk.first('target')?.attribute('dev') ?? '?',
    device: disk.attribute('device') ?? 'disk',
    type: disk.attribute('type') ?? 'file',
    path: sourcePath(disk),
  }));
}

/**
 * The disk that a domain starts from: the first in its boot order, else its first one. Undefined for a domain
 * without any. https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
 */
export function readBootDisk(domain: XmlElement): DomainDisk | undefined {
  const orders = domain.all('devices', 'disk').map((disk) => Number(disk.first('boot')?.attribute('order')));
  const disks = readDisks(domain)
    .map((disk, index) => ({ disk, order: orders[index] ?? Number.NaN }))
    .filter(({ disk }) => disk.device === 'disk');
  const ordered = disks
    .filter(({ order }) => !Number.isNaN(order))
    .toSorted((one, other) => one.order - other.order);
  return (ordered[0] ?? disks[0])?.disk;
}

/** File or block device of a disk, or of a layer in its backing chain. */
function sourcePath(layer: XmlElement): string | undefined {
  const source = layer.first('source');
  return source?.attribute('file') ?? source?.attribute('dev');
}

/** Paths of the files that what its consoles write is kept in. */
export function readConsoleLogs(domain: XmlElement): readonly string[] {
  const consoles = ['serial', 'console'].flatMap((name) => domain.all('devices', name));
  return consoles.flatMap((one) => one.first('log')?.attribute('file') ?? []);
}

/** What a domain stands on, as far as its document says. */
export interface UsedFiles {
  /**
   * As they are written; every path there is in it: disks with their chains and mirrors, NVRAM, loader,
   * kernel, files of devices.
   */
  readonly paths: readonly string[];
  /** Sources that are volumes of a pool. */
  readonly volumes: readonly VolumeSource[];
  /**
   * The last layer of each disk whose backing chain the document leaves open: the file itself may name what
   * is below.
   */
  readonly openChains: readonly (string | VolumeSource)[];
  /** Every layer of the disks whose backing chain the document says to its end. */
  readonly closedChains: readonly (string | VolumeSource)[];
  /** Layers below disks, as far as the document says. */
  readonly bases: readonly string[];
}

export interface VolumeSource {
  readonly pool: string;
  readonly volume: string;
}

/**
 * Takes too much rather than too little: whatever looks like an absolute path counts, but in metadata.
 * @param root of a document of a domain, or of a snapshot, which holds the domain as it was
 */
export function readUsedFiles(root: XmlElement): UsedFiles {
  const elements = root.children().flatMap(allBelow);
  const texts = elements.flatMap((element) => [element.text().trim(), ...element.attributeValues()]);
  const disks = elements.filter(({ name }) => name === 'disk' || name === 'mirror');
  const chains = disks.map(chainOf);
  return {
    paths: [...new Set(texts.filter((text) => text.startsWith('/')))],
    volumes: elements.flatMap((element) => volumeOf(element) ?? []),
    openChains: chains.flatMap(openEnd),
    closedChains: chains.flatMap((layers) =>
      openEnd(layers).length > 0 ? [] : layers.flatMap((layer) => sourceOf(layer) ?? []),
    ),
    bases: chains.flatMap((layers) => layers.slice(1).flatMap((layer) => sourcePath(layer) ?? [])),
  };
}

function allBelow(element: XmlElement): readonly XmlElement[] {
  if (element.name === 'metadata') return [];
  return [element, ...element.children().flatMap(allBelow)];
}

function volumeOf(source: XmlElement | undefined): VolumeSource | undefined {
  const [pool, volume] = [source?.attribute('pool'), source?.attribute('volume')];
  return pool === undefined || volume === undefined ? undefined : { pool, volume };
}

/** A disk and what its document has below it; an element without a source ends a chain for good. */
function chainOf(disk: XmlElement): readonly XmlElement[] {
  const below = disk.first('backingStore');
  return below === undefined ? [disk] : [disk, ...chainOf(below)];
}

/**
 * A raw file has no header that could name another one. Of what is on the network libvirt follows no chain.
 */
function openEnd(layers: readonly XmlElement[]): readonly (string | VolumeSource)[] {
  const last = layers.at(-1);
  if (last === undefined || (last.first('driver') ?? last.first('format'))?.attribute('type') === 'raw')
    return [];
  const end = sourceOf(last);
  return end === undefined ? [] : [end];
}

function sourceOf(layer: XmlElement): string | VolumeSource | undefined {
  return sourcePath(layer) ?? volumeOf(layer.first('source'));
}
