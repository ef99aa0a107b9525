import type { Connection } from './connection.ts';
import type { Pointer } from '../abi/native.ts';

/** libvirt's largest stream packet is 256 KiB less its header; larger sends are split anyway. */
const CHUNK_BYTES = 256 * 1024;

interface Sending {
  /** Ties the fresh stream to its target. */
  readonly begin: (stream: Pointer<'virStream'>) => Promise<unknown>;
  readonly bytes: Uint8Array;
  readonly onProgress: ((sent: number) => void) | undefined;
}

interface Receiving {
  /** Ties the fresh stream to its source. */
  readonly begin: Sending['begin'];
  readonly mostBytes: number;
}

/**
 * Sends all bytes through a stream of its own. Errors of the last write surface in virStreamFinish.
 * https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamSend
 */
export function sendAll(connection: Connection, { begin, bytes, onProgress }: Sending): Promise<void> {
  return withStream(connection, async (stream) => {
    await begin(stream);
    await sendChunks(connection, stream, bytes, onProgress);
    await connection.call('virStreamFinish', stream);
  });
}

/** As sendAll, what comes bit by bit. @throws HypervisorError, and whatever the chunks end with */
export function sendEach(
  connection: Connection,
  begin: Sending['begin'],
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  return withStream(connection, async (stream) => {
    await begin(stream);
    for await (const chunk of chunks) await sendChunks(connection, stream, chunk, undefined);
    await connection.call('virStreamFinish', stream);
  });
}

/**
 * All bytes of a stream of its own; undefined where they are more.
 * https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamRecv
 */
export function receiveAll(
  connection: Connection,
  { begin, mostBytes }: Receiving,
): Promise<Uint8Array | undefined> {
  return withStream(connection, async (stream) => {
    await begin(stream);
    const chunks: Uint8Array[] = [];
    for (let bytes = 0; ;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const received = await connection.callNumber('virStreamRecv', stream, chunk, chunk.length);
      if (received === 0) break;
      bytes += received;
      chunks.push(chunk.subarray(0, received));
      if (bytes > mostBytes) {
        await connection.call('virStreamAbort', stream);
        return undefined;
      }
    }
    await connection.call('virStreamFinish', stream);
    return Buffer.concat(chunks);
  });
}

async function withStream<T>(
  connection: Connection,
  work: (stream: Pointer<'virStream'>) => Promise<T>,
): Promise<T> {
  const stream = await connection.callObject('virStream', 'virStreamNew', connection.pointer, 0);
  try {
    return await work(stream);
  } catch (error) {
    // After a failed send, abort fails with the same error; after a failed begin there is nothing to abort.
    await connection.call('virStreamAbort', stream).catch(() => undefined);
    throw error;
  } finally {
    connection.free(stream);
  }
}

async function sendChunks(
  connection: Connection,
  stream: Pointer<'virStream'>,
  bytes: Uint8Array,
  onProgress: ((sent: number) => void) | undefined,
): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    const chunk = bytes.subarray(sent, sent + CHUNK_BYTES);
    sent += await connection.callNumber('virStreamSend', stream, chunk, chunk.length);
    onProgress?.(sent);
  }
}
