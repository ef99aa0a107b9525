import type { Pool, Volume } from '../../hypervisor/storage.ts';
import type { Connection } from '../connection/connection.ts';
import { callLocal } from '../abi/native.ts';
import type { Pointer } from '../abi/native.ts';
import { takeObjectList } from '../connection/object-list.ts';
import { LibvirtVolume } from './volume.ts';

const VIR_STORAGE_POOL_CREATE_WITH_BUILD = 1;

/** https://libvirt.org/html/libvirt-libvirt-storage.html */
export class LibvirtPool implements Pool {
  readonly name: string;
  readonly #connection: Connection;
  readonly #pointer: Pointer<'virStoragePool'>;

  constructor(connection: Connection, pointer: Pointer<'virStoragePool'>) {
    this.#connection = connection;
    this.#pointer = pointer;
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
    return this.#connection.callString('virStoragePoolGetXMLDesc', this.#pointer, 0);
  }

  async isActive(): Promise<boolean> {
    return (await this.#connection.callNumber('virStoragePoolIsActive', this.#pointer)) === 1;
  }

  async isPersistent(): Promise<boolean> {
    return (await this.#connection.callNumber('virStoragePoolIsPersistent', this.#pointer)) === 1;
  }

  async refresh(): Promise<void> {
    await this.#connection.call('virStoragePoolRefresh', this.#pointer, 0);
  }

  async start(): Promise<void> {
    await this.#connection.call('virStoragePoolCreate', this.#pointer, 0);
  }

  async stop(): Promise<void> {
    await this.#connection.call('virStoragePoolDestroy', this.#pointer);
  }

  async removeDirectory(): Promise<void> {
    await this.#connection.call('virStoragePoolDelete', this.#pointer, 0);
  }

  async undefine(): Promise<void> {
    await this.#connection.call('virStoragePoolUndefine', this.#pointer);
  }

  async findVolume(name: string): Promise<Volume | undefined> {
    const found = await this.#connection.findObject(
      'virStorageVol',
      'virStorageVolLookupByName',
      this.#pointer,
      name,
    );
    return found && new LibvirtVolume(this.#connection, found);
  }

  async volumeNames(): Promise<readonly string[]> {
    const volumes = await takeObjectList(
      this.#connection,
      'virStorageVol',
      'virStoragePoolListAllVolumes',
      this.#pointer,
    );
    const names = volumes.map((pointer) => callLocal('virStorageVolGetName', pointer) as string);
    for (const pointer of volumes) this.#connection.free(pointer);
    return names;
  }

  async createVolume(xml: string): Promise<Volume> {
    const made = await this.#connection.callObject(
      'virStorageVol',
      'virStorageVolCreateXML',
      this.#pointer,
      xml,
      0,
    );
    return new LibvirtVolume(this.#connection, made);
  }

  async cloneVolume(xml: string, source: Volume): Promise<Volume> {
    if (!(source instanceof LibvirtVolume)) throw new TypeError('a volume of another hypervisor');
    const made = await this.#connection.callObject(
      'virStorageVol',
      'virStorageVolCreateXMLFrom',
      this.#pointer,
      xml,
      source.pointer,
      0,
    );
    return new LibvirtVolume(this.#connection, made);
  }
}
