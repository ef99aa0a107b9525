import type { Connection } from './connection.ts';
import type { Pointer } from './native.ts';

/** libvirt's largest stream packet is 256 KiB less its header; larger sends are split anyway. */
const CHUNK_BYTES = 256 * 1024;

interface Sending {
  /** Ties the fresh stream to its target. */
  readonly begin: (stream: Pointer<'virStream'>) => Promise<unknown>;
  readonly bytes: Uint8Array;
  readonly onProgress: ((sent: number) => void) | undefined;
}

/**
 * Sends all bytes through a stream of its own. Errors of the last write surface in virStreamFinish.
 * https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamSend
 */
export async function sendAll(connection: Connection, { begin, bytes, onProgress }: Sending): Promise<void> {
  const stream = await connection.callObject('virStream', 'virStreamNew', connection.pointer, 0);
  try {
    await begin(stream);
    await sendChunks(connection, stream, bytes, onProgress);
    await connection.call('virStreamFinish', stream);
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
