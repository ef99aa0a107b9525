import { createHash } from 'node:crypto';
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/** RFC 6455, 1.3. */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const FINAL = 0x80;
const BINARY = 2;
const MASKED = 0x80;
const SHORT = 125;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;
const MOST_SHORT = 0xff_ff;
/** What viewers type and paste is little. */
const MOST_BYTES = 1 << 20;

/** What a server answers to a key of a client. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${MAGIC}`).digest('base64');
}

/** A frame of a server, which masks nothing. RFC 6455, 5.2 */
function frame(opcode: number, bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const long = length > SHORT ? (length > MOST_SHORT ? 8 : 2) : 0;
  const head = Buffer.alloc(2 + long);
  head[0] = FINAL | opcode;
  head[1] = long === 0 ? length : long === 2 ? TWO_BYTES : EIGHT_BYTES;
  if (long === 2) head.writeUInt16BE(length, 2);
  if (long === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, bytes]);
}

interface Frame {
  readonly opcode: number;
  readonly bytes: Buffer;
  readonly end: number;
}

/** The first frame of what has come; undefined: more is to come. @throws RangeError for what is none */
function firstFrame(heard: Buffer): Frame | undefined {
  const [first = 0, second = 0] = heard;
  if (heard.length < 2) return undefined;
  if ((second & MASKED) === 0) throw new RangeError('a client masks its frames');
  const short = second & ~MASKED;
  const long = short === TWO_BYTES ? 2 : short === EIGHT_BYTES ? 8 : 0;
  const start = 2 + long + 4;
  if (heard.length < start) return undefined;
  const length = long === 0 ? short : long === 2 ? heard.readUInt16BE(2) : Number(heard.readBigUInt64BE(2));
  if (length > MOST_BYTES) throw new RangeError('a frame is too long');
  const end = start + length;
  if (heard.length < end) return undefined;
  const mask = heard.subarray(start - 4, start);
  const bytes = Buffer.from(heard.subarray(start, end).map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  return { opcode: first & 0x0f, bytes, end };
}

/** The bytes in the messages of a WebSocket, both ways; what kind of messages they are in does not matter. */
export class WebSocketBytes extends Duplex {
  readonly #socket: Socket;
  #heard = Buffer.alloc(0);

  constructor(socket: Socket, head: Buffer) {
    super();
    this.#socket = socket;
    socket.on('data', (piece: Buffer) => this.#take(piece));
    // That of a server stays half open.
    socket
      .once('end', () => this.destroy())
      .once('close', () => this.destroy())
      .on('error', () => this.destroy());
    if (head.length > 0) this.#take(head);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _: string, done: () => void): void {
    if (this.#socket.write(frame(BINARY, bytes))) done();
    else {
      const go = (): void => {
        this.#socket.off('drain', go).off('close', go);
        done();
      };
      this.#socket.on('drain', go).on('close', go);
    }
  }

  override _final(done: () => void): void {
    this.#socket.end(frame(CLOSE, new Uint8Array()));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #take(piece: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, piece]);
    try {
      for (let one = firstFrame(this.#heard); one !== undefined; one = firstFrame(this.#heard)) {
        this.#heard = this.#heard.subarray(one.end);
        this.#handle(one);
      }
    } catch {
      this.destroy();
    }
  }

  #handle({ opcode, bytes }: Frame): void {
    if (opcode === PING) this.#socket.write(frame(PONG, bytes));
    else if (opcode === CLOSE) this.#socket.end(frame(CLOSE, new Uint8Array()));
    else if (opcode <= BINARY && bytes.length > 0 && !this.push(bytes)) this.#socket.pause();
  }
}
