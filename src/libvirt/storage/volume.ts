import type { Volume } from '../../hypervisor/storage.ts';
import type { Connection } from '../connection/connection.ts';
import { callLocal } from '../abi/native.ts';
import type { Pointer } from '../abi/native.ts';
import { receiveAll, sendAll } from '../connection/stream.ts';

/** https://libvirt.org/html/libvirt-libvirt-storage.html */
export class LibvirtVolume implements Volume {
  readonly name: string;
  readonly pointer: Pointer<'virStorageVol'>;
  readonly #connection: Connection;

  constructor(connection: Connection, pointer: Pointer<'virStorageVol'>) {
    this.#connection = connection;
    this.pointer = pointer;
    this.name = callLocal('virStorageVolGetName', pointer) as string;
  }

  xml(): Promise<string> {
    return this.#connection.callString('virStorageVolGetXMLDesc', this.pointer, 0);
  }

  async resize(bytes: number): Promise<void> {
    await this.#connection.call('virStorageVolResize', this.pointer, bytes, 0);
  }

  upload(bytes: Uint8Array, onProgress?: (sent: number) => void): Promise<void> {
    return sendAll(this.#connection, {
      begin: (stream) =>
        this.#connection.call('virStorageVolUpload', this.pointer, stream, 0, bytes.length, 0),
      bytes,
      onProgress,
    });
  }

  download(mostBytes: number): Promise<Uint8Array | undefined> {
    return receiveAll(this.#connection, {
      // One byte more than may come shows that there is more.
      begin: (stream) =>
        this.#connection.call('virStorageVolDownload', this.pointer, stream, 0, mostBytes + 1, 0),
      mostBytes,
    });
  }

  async head(mostBytes: number): Promise<Uint8Array> {
    const bytes = await receiveAll(this.#connection, {
      begin: (stream) =>
        this.#connection.call('virStorageVolDownload', this.pointer, stream, 0, mostBytes, 0),
      mostBytes,
    });
    if (bytes === undefined) throw new Error(`${this.name}: more than ${mostBytes} bytes came`);
    return bytes;
  }

  async delete(): Promise<void> {
    await this.#connection.call('virStorageVolDelete', this.pointer, 0);
  }
}
