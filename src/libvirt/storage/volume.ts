import type { Volume } from '../../hypervisor/storage.ts';
import type { Connection } from '../connection/connection.ts';
import { callLocal } from '../abi/native.ts';
import type { Pointer } from '../abi/native.ts';
import { Handle } from '../connection/handle.ts';
import { receiveAll, receiveEach, sendAll, sendEach } from '../connection/stream.ts';

const VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM = 1;
const VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM = 1;

/** https://libvirt.org/html/libvirt-libvirt-storage.html */
export class LibvirtVolume extends Handle<'virStorageVol'> implements Volume {
  readonly name: string;

  constructor(connection: Connection, pointer: Pointer<'virStorageVol'>) {
    super(connection, pointer);
    this.name = callLocal('virStorageVolGetName', pointer) as string;
  }

  xml(): Promise<string> {
    return this.callString('virStorageVolGetXMLDesc', 0);
  }

  async resize(bytes: number): Promise<void> {
    await this.call('virStorageVolResize', bytes, 0);
  }

  upload(bytes: Uint8Array, onProgress?: (sent: number) => void): Promise<void> {
    return this.use((volume) =>
      sendAll(this.connection, {
        begin: (call, stream) => call('virStorageVolUpload', volume, stream, 0, bytes.length, 0),
        bytes,
        onProgress,
      }),
    );
  }

  write(offset: number, length: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    return this.use((volume) =>
      sendEach(
        this.connection,
        (call, stream) => call('virStorageVolUpload', volume, stream, offset, length, 0),
        chunks,
      ),
    );
  }

  /** Without a length libvirt takes what comes until the stream ends. */
  writeSparse(offset: number, pieces: AsyncIterable<Uint8Array | number>): Promise<void> {
    return this.use((volume) =>
      sendEach(
        this.connection,
        (call, stream) =>
          call('virStorageVolUpload', volume, stream, offset, 0, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM),
        pieces,
      ),
    );
  }

  /** One byte more than may come shows that there is more. */
  download(mostBytes: number): Promise<Uint8Array | undefined> {
    return this.#receive(0, mostBytes + 1, mostBytes);
  }

  head(mostBytes: number): Promise<Uint8Array> {
    return this.part(0, mostBytes);
  }

  async part(offset: number, mostBytes: number): Promise<Uint8Array> {
    const bytes = await this.#receive(offset, mostBytes, mostBytes);
    if (bytes === undefined) throw new Error(`${this.name}: more than ${mostBytes} bytes came`);
    return bytes;
  }

  readSparse(offset: number, length: number): AsyncGenerator<Uint8Array | number, void> {
    const flags = VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM;
    return this.useForEach((volume) =>
      receiveEach(this.connection, (call, stream) =>
        call('virStorageVolDownload', volume, stream, offset, length, flags),
      ),
    );
  }

  async delete(): Promise<void> {
    await this.call('virStorageVolDelete', 0);
  }

  #receive(offset: number, length: number, mostBytes: number): Promise<Uint8Array | undefined> {
    return this.use((volume) =>
      receiveAll(this.connection, {
        begin: (call, stream) => call('virStorageVolDownload', volume, stream, offset, length, 0),
        mostBytes,
      }),
    );
  }
}
