import { parseXml } from './parse.ts';
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
export function readDisks(domainDocument: string): readonly DomainDisk[] {
  return parseXml(domainDocument)
    .all('devices', 'disk')
    .map((disk) => ({
      target: disk.first('target')?.attribute('dev') ?? '?',
      device: disk.attribute('device') ?? 'disk',
      type: disk.attribute('type') ?? 'file',
      path: sourcePath(disk),
    }));
}

/** File or block device of a disk, or of a layer in its backing chain. */
function sourcePath(layer: XmlElement): string | undefined {
  const source = layer.first('source');
  return source?.attribute('file') ?? source?.attribute('dev');
}

/** What a domain stands on, as far as its document says. */
export interface UsedFiles {
  /** As they are written; every path there is in it: disks with their chains and mirrors, NVRAM, loader, kernel, files of devices. */
  readonly paths: readonly string[];
  /** Sources that are volumes of a pool. */
  readonly volumes: readonly VolumeSource[];
  /** The last layer of each disk whose backing chain the document leaves open: the file itself may name what is below. */
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
 * @param document of a domain, or of a snapshot, which holds the domain as it was
 */
export function readUsedFiles(document: string): UsedFiles {
  const root = parseXml(document);
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

/** A raw file has no header that could name another one. Of what is on the network libvirt follows no chain. */
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

/** Whether a domain runs: while it does libvirt gives it a number. */
export function hasDomainId(domainDocument: string): boolean {
  return parseXml(domainDocument).attribute('id') !== undefined;
}

/** Whether libvirt chooses the firmware's files. https://libvirt.org/formatdomain.html#bios-bootloader */
export function hasAutomaticFirmware(domainDocument: string): boolean {
  return parseXml(domainDocument).first('os')?.attribute('firmware') === 'efi';
}

/** Where a domain's UEFI variables are; undefined without UEFI, and where they are no file. */
export function readNvramPath(domainDocument: string): string | undefined {
  const nvram = parseXml(domainDocument).first('os', 'nvram');
  const path = nvram?.first('source')?.attribute('file') ?? nvram?.text().trim();
  return path === '' ? undefined : path;
}

/** MAC addresses of a domain's interfaces, in order. */
export function readMacs(domainDocument: string): readonly string[] {
  return parseXml(domainDocument)
    .all('devices', 'interface', 'mac')
    .map((mac) => mac.attribute('address') ?? '');
}

export interface VolumeFacts {
  /** `file`, `dir`, `block`... */
  readonly type: string;
  readonly path: string;
  /** `qcow2`, `raw`, `vmdk`...: found by libvirt in the file itself. */
  readonly format: string;
  /** What the file is itself an overlay on. */
  readonly backingPath: string | undefined;
  /** Virtual size. */
  readonly capacityBytes: number;
  readonly permissions: Permissions | undefined;
  /** What it takes up now; a sparse file less than its virtual size. */
  readonly allocationBytes: number;
}

/** Owner and mode of a file or directory. */
export interface Permissions {
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
}

export function readVolume(volumeDocument: string): VolumeFacts {
  const volume = parseXml(volumeDocument);
  return {
    type: volume.attribute('type') ?? 'file',
    path: volume.first('target', 'path')?.text() ?? '',
    format: volume.first('target', 'format')?.attribute('type') ?? 'raw',
    backingPath: volume.first('backingStore', 'path')?.text(),
    capacityBytes: Number(volume.first('capacity')?.text() ?? '0'),
    allocationBytes: Number(volume.first('allocation')?.text() ?? '0'),
    permissions: readPermissions(volume),
  };
}

/**
 * Times of a file: the same under every name of it, as long as nobody writes there. Two files that were changed within one tick of the
 * kernel's clock, a few milliseconds, may have them alike. Undefined where libvirt does not tell. https://libvirt.org/formatstorage.html#target-elements
 */
export function readFileMark(volumeDocument: string): string | undefined {
  const times = parseXml(volumeDocument).first('target', 'timestamps');
  const [changed, written] = [times?.first('ctime')?.text(), times?.first('mtime')?.text()];
  return changed === undefined || written === undefined ? undefined : `${changed} ${written}`;
}

function readPermissions(storage: XmlElement): Permissions | undefined {
  const permissions = storage.first('target', 'permissions');
  const number = (name: string, radix: number): number =>
    Number.parseInt(permissions?.first(name)?.text() ?? '', radix);
  const facts = { mode: number('mode', 8), owner: number('owner', 10), group: number('group', 10) };
  return Object.values(facts).some(Number.isNaN) ? undefined : facts;
}

export interface PoolFacts {
  readonly path: string | undefined;
  readonly permissions: Permissions | undefined;
  /** Free bytes of its file system; undefined where that does not count them. */
  readonly availableBytes: number | undefined;
}

/** A running pool of type `dir`. https://libvirt.org/formatstorage.html#storage-pool-xml */
export function readPool(poolDocument: string): PoolFacts {
  const pool = parseXml(poolDocument);
  const bytes = (name: string): number => Number(pool.first(name)?.text() ?? '0');
  return {
    path: pool.first('target', 'path')?.text(),
    permissions: readPermissions(pool),
    availableBytes: bytes('capacity') === 0 ? undefined : bytes('available'),
  };
}

/** `selinux`, `apparmor`, `dac`: what keeps QEMU within bounds. From the capabilities document. */
export function readSecurityModels(capabilitiesDocument: string): readonly string[] {
  const models = parseXml(capabilitiesDocument).all('host', 'secmodel', 'model');
  return models.map((model) => model.text());
}

/** Whether libvirt finds a UEFI firmware by itself. https://libvirt.org/formatdomaincaps.html#bios-bootloader */
export function hasUefi(domainCapabilitiesDocument: string): boolean {
  return parseXml(domainCapabilitiesDocument)
    .all('os', 'enum')
    .filter((one) => one.attribute('name') === 'firmware')
    .some((one) => one.children('value').some((value) => value.text() === 'efi'));
}
