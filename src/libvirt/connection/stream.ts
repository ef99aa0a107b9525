import type { FunctionName } from '../abi/functions.ts';
import type { NativeValue, Pointer } from '../abi/native.ts';
import type { Connection } from './connection.ts';
import { AT_HOLE } from './calls.ts';
import { Doubtful } from './overlap/own-errors.ts';

/** libvirt's largest stream packet is 256 KiB less its header; larger sends are split anyway. */
const CHUNK_BYTES = 256 * 1024;
const STOP_AT_HOLE = 1;

/** As Connection's `call`. */
type CallOne = (name: FunctionName, ...args: readonly NativeValue[]) => Promise<unknown>;

interface Sending {
  /** Ties the fresh stream to its target. */
  readonly begin: (call: CallOne, stream: Pointer<'virStream'>) => Promise<unknown>;
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
  return withStream(connection, async (call, stream) => {
    await begin(call, stream);
    await sendChunks(call, stream, bytes, onProgress);
    await call('virStreamFinish', stream);
  });
}

/**
 * As sendAll, what comes bit by bit, and so only once: beside no other call, as none of it can be sent again.
 * A number is a hole of so many bytes, on a stream that knows them.
 * https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamSendHole
 * @throws HypervisorError, and whatever the chunks end with
 */
export function sendEach(
  connection: Connection,
  begin: Sending['begin'],
  chunks: AsyncIterable<Uint8Array | number>,
): Promise<void> {
  return onStream(connection, alone(connection), async (call, stream) => {
    await begin(call, stream);
    for await (const chunk of chunks) {
      if (typeof chunk === 'number') await call('virStreamSendHole', stream, chunk, 0);
      else await sendChunks(call, stream, chunk, undefined);
    }
    await call('virStreamFinish', stream);
  });
}

/**
 * All bytes of a stream of its own; undefined where they are more. On a line to elsewhere nobody waits for
 * the answer to its end: all of it has come by then.
 * https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamRecv
 */
export function receiveAll(
  connection: Connection,
  { begin, mostBytes }: Receiving,
): Promise<Uint8Array | undefined> {
  return withStream(connection, async (call, stream) => {
    await begin(call, stream);
    const chunks: Uint8Array[] = [];
    for (let bytes = 0; ;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const received = (await call('virStreamRecv', stream, chunk, chunk.length)) as number;
      if (received === 0) break;
      bytes += received;
      chunks.push(chunk.subarray(0, received));
      if (bytes > mostBytes) {
        await call('virStreamAbort', stream);
        return undefined;
      }
    }
    const finishing = call('virStreamFinish', stream);
    if (connection.isFar) letGo(connection, stream, finishing);
    else await finishing;
    return Buffer.concat(chunks);
  });
}

/**
 * Bytes of a stream that knows holes, piece by piece; a number is a hole of so many bytes. Beside no other
 * call. Who stops asking ends it.
 * https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamRecvFlags
 * @throws HypervisorError
 */
export async function* receiveEach(
  connection: Connection,
  begin: Sending['begin'],
): AsyncGenerator<Uint8Array | number, void> {
  const call = alone(connection);
  const stream = await connection.callObject('virStream', 'virStreamNew', connection.pointer, 0);
  let isOver = false;
  try {
    await begin(call, stream);
    for (;;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const got = (await call('virStreamRecvFlags', stream, chunk, chunk.length, STOP_AT_HOLE)) as number;
      if (got === 0) break;
      if (got === AT_HOLE) yield await holeOf(call, stream);
      else yield chunk.subarray(0, got);
    }
    await call('virStreamFinish', stream);
    isOver = true;
  } finally {
    if (!isOver) await connection.call('virStreamAbort', stream).catch(() => undefined);
    connection.free(stream);
  }
}

async function holeOf(call: CallOne, stream: Pointer<'virStream'>): Promise<number> {
  const length = [0];
  await call('virStreamRecvHole', stream, length, 0);
  return Number(length[0]);
}

/** The stream lives until the call on it has ended. */
function letGo(connection: Connection, stream: Pointer<'virStream'>, call: Promise<unknown>): void {
  const ended = connection.use(stream);
  call.then(ended, ended);
}

type Work<T> = (call: CallOne, stream: Pointer<'virStream'>) => Promise<T>;

/** Where it fails beside other calls, and nobody can tell why, all of it is done again, on a new stream. */
async function withStream<T>(connection: Connection, work: Work<T>): Promise<T> {
  try {
    return await onStream(connection, (name, ...args) => connection.callOnce(name, ...args), work);
  } catch (error) {
    if (!(error instanceof Doubtful)) throw error;
    return onStream(connection, alone(connection), work);
  }
}

function alone(connection: Connection): CallOne {
  return (name, ...args) => connection.callAlone(name, ...args);
}

async function onStream<T>(connection: Connection, call: CallOne, work: Work<T>): Promise<T> {
  const stream = await connection.callObject('virStream', 'virStreamNew', connection.pointer, 0);
  try {
    return await work(call, stream);
  } catch (error) {
    // After a failed send, abort fails with the same error; after a failed begin there is nothing to abort.
    await connection.call('virStreamAbort', stream).catch(() => undefined);
    throw error;
  } finally {
    connection.free(stream);
  }
}

async function sendChunks(
  call: CallOne,
  stream: Pointer<'virStream'>,
  bytes: Uint8Array,
  onProgress: ((sent: number) => void) | undefined,
): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    const chunk = bytes.subarray(sent, sent + CHUNK_BYTES);
    sent += (await call('virStreamSend', stream, chunk, chunk.length)) as number;
    onProgress?.(sent);
  }
}
