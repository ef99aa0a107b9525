import type { Pool, Volume } from '../../../../src/hypervisor/storage.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { readVolume } from '../../../../src/libvirt-xml/read/storage.ts';
import type { FakeHypervisor } from '../fake-hypervisor.ts';
import { failure, headOf, permissionsXml, plain, present } from './pieces.ts';
import type { FakePool } from './pieces.ts';

/** A pool of a fake hypervisor. */
export function fakePool(host: FakeHypervisor, name: string): Pool {
  const { check, ...disposable } = host.handle();
  const pool = (call: string): FakePool => {
    check(`Pool.${call}`);
    return present(host.pools.get(name), `Pool.${call}`);
  };
  const files = (call: string): Map<string, string> =>
    present(host.directories.get(plain(pool(call).path)), call, 'no-such-file');
  const look = (call: string): void => {
    const names = new Set(files(call).keys());
    Object.assign(present(host.pools.get(name), call), { active: true, known: names });
  };
  const create = async (call: string, xml: string): Promise<Volume> => {
    const directory = files(call);
    const volume = parseXml(xml).first('name')?.text() ?? '';
    if (directory.has(volume)) throw failure(call, 'already-exists');
    const { format, capacityBytes } = readVolume(xml);
    directory.set(volume, `${format} ${capacityBytes}`);
    host.pools.get(name)?.known.add(volume);
    return fakeVolume(host, name, volume);
  };
  return {
    ...disposable,
    name,
    xml: async () => {
      const { path, uuid } = pool('xml');
      const [mode, available] = [host.modes.get(path), host.available.get(path)];
      const sizes = `<capacity>${2 ** 40}</capacity><available>${available}</available>`;
      return `<pool><name>${name}</name>${uuid === undefined ? '' : `<uuid>${uuid}</uuid>`}${available === undefined ? '' : sizes}
        <target><path>${path}</path>${permissionsXml(mode, host.owners.get(path))}</target></pool>`;
    },
    isActive: async () => pool('isActive').active,
    isPersistent: async () => pool('isPersistent').persistent,
    refresh: async () => look('refresh'),
    start: async () => look('start'),
    stop: async () => {
      const stopped = pool('stop');
      stopped.active = false;
      if (!stopped.persistent) host.pools.delete(name);
    },
    removeDirectory: async () => {
      const { path } = pool('removeDirectory');
      if (host.links.has(path)) throw failure('Pool.removeDirectory', 'not-a-directory');
      if (present(host.directories.get(plain(path)), 'removeDirectory', 'no-such-file').size > 0)
        throw failure('Pool.removeDirectory', 'not-empty');
      host.directories.delete(path);
    },
    undefine: async () => {
      const { active } = pool('undefine');
      if (!active) host.pools.delete(name);
    },
    findVolume: async (file) =>
      pool('findVolume').known.has(file) ? fakeVolume(host, name, file) : undefined,
    volumeNames: async () => [...pool('volumeNames').known],
    createVolume: (xml) => create('createVolume', xml),
    cloneVolume: (xml) => create('cloneVolume', xml),
  };
}

function fakeVolume(host: FakeHypervisor, poolName: string, name: string): Volume {
  const { check, ...disposable } = host.handle();
  const place = (): string => plain(host.pools.get(poolName)?.path ?? '');
  const directory = (call: string): Map<string, string> => {
    check(`Volume.${call}`);
    return present(host.directories.get(place()), `Volume.${call}`);
  };
  return {
    ...disposable,
    name,
    xml: async () => {
      const [format, bytes] = (directory('xml').get(name) ?? '').split(' ');
      const mode = host.modes.get(`${place()}/${name}`);
      if (format === 'dir') return `<volume type='dir'><target>${permissionsXml(mode)}</target></volume>`;
      const path = `${place()}/${name}`;
      const backing = host.backing.get(path);
      const below = backing === undefined ? '' : `<backingStore><path>${backing}</path></backingStore>`;
      const permissions = permissionsXml(mode, host.owners.get(path));
      const physical = `<physical>${host.contents.get(path)?.length ?? 0}</physical>`;
      const times =
        host.writtenAt === undefined
          ? ''
          : `<timestamps><mtime>${host.writtenAt}</mtime><ctime>${host.writtenAt}</ctime></timestamps>`;
      return `<volume type='file'><capacity>${bytes}</capacity>${physical}<target><format type='${format}'/>${permissions}${times}</target>${below}</volume>`;
    },
    resize: async (bytes) => {
      const files = directory('resize');
      files.set(name, `${files.get(name)?.split(' ')[0] ?? 'raw'} ${bytes}`);
    },
    upload: async (bytes, onProgress) => {
      directory('upload');
      host.contents.set(`${place()}/${name}`, bytes);
      onProgress?.(bytes.length);
    },
    write: async (offset, length, chunks) => {
      directory('write');
      const path = `${place()}/${name}`;
      let at = offset;
      for await (const chunk of chunks) {
        const old = host.contents.get(path) ?? new Uint8Array();
        const bytes = new Uint8Array(Math.max(old.length, at + chunk.length));
        bytes.set(old);
        bytes.set(chunk, at);
        host.contents.set(path, bytes);
        at += chunk.length;
      }
      if (at !== offset + length)
        throw new Error(`${at - offset} bytes were written, and ${length} announced`);
    },
    writeSparse: async (offset, pieces) => {
      directory('writeSparse');
      const path = `${place()}/${name}`;
      let at = offset;
      for await (const piece of pieces) {
        const chunk = typeof piece === 'number' ? new Uint8Array(piece) : piece;
        const old = host.contents.get(path) ?? new Uint8Array();
        const bytes = new Uint8Array(Math.max(old.length, at + chunk.length));
        bytes.set(old);
        bytes.set(chunk, at);
        host.contents.set(path, bytes);
        at += chunk.length;
      }
    },
    download: async (mostBytes) => {
      directory('download');
      const bytes = host.contents.get(`${place()}/${name}`) ?? new Uint8Array();
      return bytes.length > mostBytes ? undefined : bytes;
    },
    head: async (mostBytes) => {
      directory('head');
      const bytes = host.contents.get(`${place()}/${name}`);
      return (bytes ?? headOf(host.directories.get(place())?.get(name))).subarray(0, mostBytes);
    },
    part: async (offset, mostBytes) => {
      directory('part');
      const bytes = host.contents.get(`${place()}/${name}`) ?? new Uint8Array();
      return bytes.subarray(offset, offset + mostBytes);
    },
    readSparse: async function* (offset, length) {
      directory('readSparse');
      const bytes = (host.contents.get(`${place()}/${name}`) ?? new Uint8Array()).subarray(
        offset,
        offset + length,
      );
      if (bytes.length === 0) return;
      if (bytes.every((byte) => byte === 0)) yield bytes.length;
      else yield bytes;
    },
    delete: async () => {
      directory('delete').delete(name);
      host.contents.delete(`${place()}/${name}`);
      host.pools.get(poolName)?.known.delete(name);
    },
  };
}
