import { parseXml } from './parse.ts';
import type { XmlElement } from './parse.ts';

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
  /** How long the file is; undefined where libvirt does not tell. */
  readonly fileBytes?: number | undefined;
  /**
   * Times of the file: the same under every name of it, as long as nobody writes there. Two files that were
   * changed within one tick of the kernel's clock, a few milliseconds, may have them alike. Undefined where
   * libvirt does not tell.
   */
  readonly mark: string | undefined;
  /** When somebody wrote into it last, in seconds since 1970; undefined where libvirt does not tell. */
  readonly writtenAt: number | undefined;
  /** When it came to be here, or was changed in any way, which nobody can set; as writtenAt. */
  readonly changedAt: number | undefined;
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
    fileBytes: numberOf(volume.first('physical')?.text()),
    permissions: readPermissions(volume),
    mark: readMark(volume),
    writtenAt: numberOf(volume.first('target', 'timestamps', 'mtime')?.text()),
    changedAt: numberOf(volume.first('target', 'timestamps', 'ctime')?.text()),
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** https://libvirt.org/formatstorage.html#target-elements */
function readMark(volume: XmlElement): string | undefined {
  const times = volume.first('target', 'timestamps');
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
  /** Of its file system; undefined as availableBytes is. */
  readonly totalBytes?: number;
}

/** Undefined for a document that has none. */
export function readPoolUuid(poolDocument: string): string | undefined {
  return parseXml(poolDocument).first('uuid')?.text().trim();
}

/** A running pool of type `dir`. https://libvirt.org/formatstorage.html#storage-pool-xml */
export function readPool(poolDocument: string): PoolFacts {
  const pool = parseXml(poolDocument);
  const bytes = (name: string): number => Number(pool.first(name)?.text() ?? '0');
  return {
    path: pool.first('target', 'path')?.text(),
    permissions: readPermissions(pool),
    availableBytes: bytes('capacity') === 0 ? undefined : bytes('available'),
    ...(bytes('capacity') === 0 ? {} : { totalBytes: bytes('capacity') }),
  };
}
