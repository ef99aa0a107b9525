import type { Pool, Volume } from '../../hypervisor/storage.ts';
import type { Connection } from '../connection/connection.ts';
import { callLocal } from '../abi/native.ts';
import type { Pointer } from '../abi/native.ts';
import { Handle } from '../connection/handle.ts';
import { takeObjectList } from '../connection/object-list.ts';
import { LibvirtVolume } from './volume.ts';

const VIR_STORAGE_POOL_CREATE_WITH_BUILD = 1;

/** https://libvirt.org/html/libvirt-libvirt-storage.html */
export class LibvirtPool extends Handle<'virStoragePool'> implements Pool {
  readonly name: string;

  constructor(connection: Connection, pointer: Pointer<'virStoragePool'>) {
    super(connection, pointer);
    this.name = callLocal('virStoragePoolGetName', pointer) as string;
  }

  static async findByPath(connection: Connection, path: string): Promise<LibvirtPool | undefined> {
    const found = await connection.findObject(
      'virStoragePool',
      'virStoragePoolLookupByTargetPath',
      connection.pointer,
      path,
    );
    return found && new LibvirtPool(connection, found);
  }

  static async guessByPath(connection: Connection, path: string): Promise<LibvirtPool | undefined> {
    const questions = [[connection.pointer, path]];
    const [found] = await connection.callBatch('virStoragePoolLookupByTargetPath', questions);
    if (typeof found !== 'bigint') return undefined;
    const pool = connection.adopt('virStoragePool', found as Pointer<'virStoragePool'>);
    return new LibvirtPool(connection, pool);
  }

  static async list(connection: Connection): Promise<readonly LibvirtPool[]> {
    const pools = await takeObjectList(
      connection,
      'virStoragePool',
      'virConnectListAllStoragePools',
      connection.pointer,
    );
    return pools.map((pointer) => new LibvirtPool(connection, pointer));
  }

  static async startTransient(connection: Connection, xml: string, build: boolean): Promise<LibvirtPool> {
    const flags = build ? VIR_STORAGE_POOL_CREATE_WITH_BUILD : 0;
    return new LibvirtPool(
      connection,
      await connection.callObject(
        'virStoragePool',
        'virStoragePoolCreateXML',
        connection.pointer,
        xml,
        flags,
      ),
    );
  }

  static async define(connection: Connection, xml: string): Promise<LibvirtPool> {
    return new LibvirtPool(
      connection,
      await connection.callObject('virStoragePool', 'virStoragePoolDefineXML', connection.pointer, xml, 0),
    );
  }

  xml(): Promise<string> {
    return this.callString('virStoragePoolGetXMLDesc', 0);
  }

  async isActive(): Promise<boolean> {
    return (await this.callNumber('virStoragePoolIsActive')) === 1;
  }

  async isPersistent(): Promise<boolean> {
    return (await this.callNumber('virStoragePoolIsPersistent')) === 1;
  }

  async refresh(): Promise<void> {
    await this.call('virStoragePoolRefresh', 0);
  }

  async start(): Promise<void> {
    await this.call('virStoragePoolCreate', 0);
  }

  async stop(): Promise<void> {
    await this.call('virStoragePoolDestroy');
  }

  async removeDirectory(): Promise<void> {
    await this.call('virStoragePoolDelete', 0);
  }

  async undefine(): Promise<void> {
    await this.call('virStoragePoolUndefine');
  }

  async findVolume(name: string): Promise<Volume | undefined> {
    const found = await this.use((pool) =>
      this.connection.findObject('virStorageVol', 'virStorageVolLookupByName', pool, name),
    );
    return found && new LibvirtVolume(this.connection, found);
  }

  async volumeNames(): Promise<readonly string[]> {
    const volumes = await this.use((pool) =>
      takeObjectList(this.connection, 'virStorageVol', 'virStoragePoolListAllVolumes', pool),
    );
    const names = volumes.map((pointer) => callLocal('virStorageVolGetName', pointer) as string);
    for (const pointer of volumes) this.connection.free(pointer);
    return names;
  }

  async createVolume(xml: string): Promise<Volume> {
    const made = await this.use((pool) =>
      this.connection.callObject('virStorageVol', 'virStorageVolCreateXML', pool, xml, 0),
    );
    return new LibvirtVolume(this.connection, made);
  }

  async cloneVolume(xml: string, source: Volume): Promise<Volume> {
    if (!(source instanceof LibvirtVolume)) throw new TypeError('a volume of another hypervisor');
    const made = await this.use((pool) =>
      source.use((volume) =>
        this.connection.callObject('virStorageVol', 'virStorageVolCreateXMLFrom', pool, xml, volume, 0),
      ),
    );
    return new LibvirtVolume(this.connection, made);
  }
}
