import { create } from 'xmlbuilder2';
import type { DiskFormat } from '../../config/machine.ts';
import { literal } from '../literal.ts';

/** libvirt gives a disk to QEMU's user while the VM runs; nobody else may read it, the seed above all. */
const FILE_MODE = 0o600;

export interface PoolDescription {
  readonly name: string;
  readonly uuid: string;
  readonly path: string;
  /** Of a directory that is made with the pool. */
  readonly access?: DirectoryAccess;
}

/** Owner, group and mode of a directory; libvirt's own user and group where none are said. */
export interface DirectoryAccess {
  readonly mode: number;
  readonly owner?: number;
  readonly group?: number;
}

/** A `dir` pool. https://libvirt.org/formatstorage.html#storage-pool-xml */
export function poolXml({ name, uuid, path, access }: PoolDescription): string {
  const pool = create().ele('pool', { type: 'dir' });
  pool.ele('name').txt(name);
  pool.ele('uuid').txt(uuid);
  const target = pool.ele('target');
  target.ele('path').txt(literal(path));
  if (access !== undefined) {
    const permissions = target.ele('permissions');
    permissions.ele('mode').txt(`0${access.mode.toString(8)}`);
    if (access.owner !== undefined) permissions.ele('owner').txt(String(access.owner));
    if (access.group !== undefined) permissions.ele('group').txt(String(access.group));
  }
  return pool.end({ headless: true });
}

export interface VolumeDescription {
  readonly name: string;
  readonly format: DiskFormat;
  readonly capacityBytes: number;
  /** Makes the volume an overlay; the format is always explicit, since guessing it is a security hole. */
  readonly backing?: { readonly path: string; readonly format: DiskFormat } | undefined;
  /** Undefined: for nobody but its owner. */
  readonly mode?: number;
}

/** A sparse volume. https://libvirt.org/formatstorage.html#storage-volume-xml */
export function volumeXml({
  name,
  format,
  capacityBytes,
  backing,
  mode = FILE_MODE,
}: VolumeDescription): string {
  const volume = create().ele('volume');
  volume.ele('name').txt(name);
  volume.ele('capacity', { unit: 'bytes' }).txt(String(capacityBytes));
  volume.ele('allocation', { unit: 'bytes' }).txt('0');
  const target = volume.ele('target');
  target.ele('format', { type: format });
  target
    .ele('permissions')
    .ele('mode')
    .txt(`0${mode.toString(8)}`);
  if (format === 'qcow2') target.ele('compat').txt('1.1');
  if (backing !== undefined) {
    const store = volume.ele('backingStore');
    store.ele('path').txt(literal(backing.path));
    store.ele('format', { type: backing.format });
  }
  return volume.end({ headless: true });
}
