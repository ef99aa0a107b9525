import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { callLocal, functionAddress } from '../abi/native.ts';
import type { NativeValue, Pointer } from '../abi/native.ts';
import type { FunctionName } from '../abi/functions.ts';
import type { Connection } from '../connection/connection.ts';
import { onTurn } from '../connection/event-loop.ts';

/** https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamFlags */
const NONBLOCK = 1;
/** What a call gives that would have to wait. */
const WOULD_BLOCK = -2;

/** virStreamEventType. */
const READABLE = 1;
const WRITABLE = 2;

/** Larger packets are split anyway. */
const CHUNK_BYTES = 256 * 1024;
/** How long a server may take to close its end; a line that closes has it closed as well. */
const ABORT_MS = 300;

/**
 * Bytes both ways for as long as both ends like. Nothing waits inside libvirt: what came is taken from it on
 * this thread, after the turn of the event loop that brought it. libvirt wants a function to call then: it is
 * given one that does nothing.
 * https://libvirt.org/html/libvirt-libvirt-stream.html#virStreamEventAddCallback
 */
export class LiveStream implements AsyncIterable<Uint8Array>, Disposable {
  readonly #connection: Connection;
  readonly #stream: Pointer<'virStream'>;
  readonly #stopListening: () => void;
  readonly #buffer = new Uint8Array(CHUNK_BYTES);
  readonly #wakers = new Set<() => void>();
  #wanted = 0;
  #error: unknown;
  #isOver = false;

  private constructor(connection: Connection, stream: Pointer<'virStream'>) {
    this.#connection = connection;
    this.#stream = stream;
    this.#stopListening = onTurn(() => this.#wake());
    connection.broken.catch((error: unknown) => {
      this.#error = error;
      this.#wake();
    });
  }

  /** @param begin ties the fresh stream to its other end @throws HypervisorError */
  static async open(
    connection: Connection,
    begin: (stream: Pointer<'virStream'>) => Promise<unknown>,
  ): Promise<LiveStream> {
    const stream = await connection.callObject('virStream', 'virStreamNew', connection.pointer, NONBLOCK);
    try {
      await begin(stream);
      // Local. The function gets a pointer and an int: abs(3) of libc does nothing with them.
      await connection.call('virStreamEventAddCallback', stream, 0, functionAddress('abs'), null, null);
      return new LiveStream(connection, stream);
    } catch (error) {
      connection.free(stream);
      throw error;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const received = this.#now('virStreamRecv', this.#buffer, CHUNK_BYTES);
      if (received === 0 || received === undefined) return;
      if (received === WOULD_BLOCK) await this.#turn(READABLE);
      else {
        this.#want(this.#wanted & ~READABLE);
        yield this.#buffer.slice(0, received);
      }
    }
  }

  async send(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) {
      const chunk = bytes.subarray(sent, sent + CHUNK_BYTES);
      const taken = this.#now('virStreamSend', chunk, chunk.length);
      if (taken === undefined) return;
      if (taken === WOULD_BLOCK) await this.#turn(WRITABLE);
      else sent += taken;
    }
    this.#want(this.#wanted & ~WRITABLE);
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wake();
    this.#stopListening();
    callLocal('virStreamEventRemoveCallback', this.#stream);
    // One that ended has nothing to abort, nor one on a line that broke.
    const told = this.#connection.callWithin(ABORT_MS, 'virStreamAbort', this.#stream);
    told.catch(() => undefined).finally(() => this.#connection.free(this.#stream));
  }

  /** Local, so that it can be called on this thread. @returns undefined once it is disposed of */
  #now(name: FunctionName, ...args: readonly NativeValue[]): number | undefined {
    if (this.#error !== undefined) throw this.#error;
    if (this.#isOver) return undefined;
    const result = callLocal(name, this.#stream, ...args) as number;
    if (result < 0 && result !== WOULD_BLOCK) throw this.#failure(name);
    return result;
  }

  /** A stream that ended before its line did was ended by somebody at the other end. */
  #failure(name: FunctionName): HypervisorError {
    const error = this.#connection.errorOf(name);
    const holds = callLocal('virConnectIsAlive', this.#connection.pointer) === 1;
    if (!holds || error.reason !== 'disconnected') return error;
    const { call, code, domain } = error;
    return new HypervisorError(error.message, { reason: 'in-use', call, code, domain });
  }

  /** Waits for something to happen, which may be anything. */
  async #turn(event: number): Promise<void> {
    this.#want(this.#wanted | event);
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#wakers.delete(wake);
        resolve();
      };
      this.#wakers.add(wake);
    });
  }

  /**
   * libvirt's loop turns without an end while there is what nobody takes: an event is wanted only as long as
   * somebody waits for it. To say so has the loop turn, and so it is said of a change only.
   */
  #want(events: number): void {
    if (this.#isOver || events === this.#wanted) return;
    this.#wanted = events;
    callLocal('virStreamEventUpdateCallback', this.#stream, events);
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
  }
}
