import { HEAD_BYTES } from '../image-format/head.ts';

/** Zeros that fill a whole one, and begin where one begins, are not sent. */
const BLOCK_BYTES = 64 * 1024;
/** A stream packet of libvirt has four of these at most. */
const PACKET_BYTES = 4 * BLOCK_BYTES;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** Bytes in a buffer that is used again. */
interface Packet {
  readonly bytes: Uint8Array;
  /** Nothing comes after them. */
  readonly isLast: boolean;
}

/**
 * The bytes of an image as they come: its head is kept, what follows is read packet by packet, once. While
 * one is sent the next one is made.
 */
export class Body {
  /** Up to where it was given away. */
  position = HEAD_BYTES;
  /** The first bytes: 64 KiB, or all of a shorter one. */
  readonly head: Uint8Array;
  readonly #source: AsyncIterator<Uint8Array>;
  /** What came and is in no packet yet. */
  #rest: Uint8Array;
  /** One is sent while the other is filled. */
  readonly #buffers = [Buffer.alloc(PACKET_BYTES), Buffer.alloc(PACKET_BYTES)] as const;
  #filled = 0;
  #next: Promise<Packet> | undefined;
  #isOver = false;

  private constructor(head: Uint8Array, rest: Uint8Array, source: AsyncIterator<Uint8Array>) {
    this.head = head;
    this.#rest = rest;
    this.#source = source;
  }

  /** Reads the head. @throws whatever the chunks end with */
  static async of(chunks: AsyncIterable<Uint8Array>): Promise<Body> {
    const source = chunks[Symbol.asyncIterator]();
    const parts: Uint8Array[] = [];
    for (let length = 0; length < HEAD_BYTES;) {
      const next = await source.next();
      if (next.done === true) break;
      parts.push(next.value);
      length += next.value.length;
    }
    const first = Buffer.concat(parts);
    return new Body(first.subarray(0, HEAD_BYTES), first.subarray(HEAD_BYTES), source);
  }

  /** All of it was given away. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * What comes next, up to an offset in the image at least. A number is how many zeros come. Bytes are good
   * until the next piece is asked for.
   * @throws whatever the chunks end with
   */
  async *upTo(limit: number): AsyncGenerator<Uint8Array | number, void> {
    while (this.position < limit && !this.#isOver) {
      const { bytes, isLast } = await (this.#next ?? this.#fill());
      this.position += bytes.length;
      this.#isOver = isLast;
      this.#next = isLast ? undefined : this.#fill();
      // Whoever takes it is told.
      this.#next?.catch(() => undefined);
      yield* piecesOf(bytes);
    }
  }

  /** Nobody reads on: whoever makes the chunks is told. */
  async end(): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#source.return?.();
  }

  async #fill(): Promise<Packet> {
    this.#filled += 1;
    const buffer = this.#buffers[this.#filled % 2 === 0 ? 0 : 1];
    for (let length = 0; ;) {
      const taken = this.#rest.subarray(0, PACKET_BYTES - length);
      buffer.set(taken, length);
      this.#rest = this.#rest.subarray(taken.length);
      length += taken.length;
      if (length === PACKET_BYTES) return { bytes: buffer, isLast: false };
      const next = await this.#source.next();
      if (next.done === true) return { bytes: buffer.subarray(0, length), isLast: true };
      this.#rest = next.value;
    }
  }
}

/** Runs of bytes, and of blocks that are all zeros. */
function* piecesOf(packet: Uint8Array): Generator<Uint8Array | number, void> {
  let begun = 0;
  let isHole = false;
  for (let at = 0; at < packet.length; at += BLOCK_BYTES) {
    const block = packet.subarray(at, at + BLOCK_BYTES);
    const isZero = block.length === BLOCK_BYTES && ZEROS.equals(block);
    if (isZero === isHole) continue;
    if (at > begun) yield isHole ? at - begun : packet.subarray(begun, at);
    [begun, isHole] = [at, isZero];
  }
  if (packet.length > begun) yield isHole ? packet.length - begun : packet.subarray(begun);
}
