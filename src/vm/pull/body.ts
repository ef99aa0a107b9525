import { HEAD_BYTES } from '../image-format/head.ts';

/** Zeros that fill a whole one, and begin where one begins, are not sent. */
const BLOCK_BYTES = 64 * 1024;
/** A stream packet of libvirt has four of these at most. */
const PACKET_BYTES = 4 * BLOCK_BYTES;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** The bytes of an image as they come: its head is kept, what follows is read piece by piece, once. */
export class Body {
  /** Up to where it was given away. */
  position = HEAD_BYTES;
  /** The first bytes: 64 KiB, or all of a shorter one. */
  readonly head: Uint8Array;
  readonly #source: AsyncIterator<Uint8Array>;
  /** What came and was not given away. */
  #rest: Uint8Array;
  #isOver = false;

  private constructor(head: Uint8Array, rest: Uint8Array, source: AsyncIterator<Uint8Array>) {
    this.head = head;
    this.#rest = rest;
    this.#source = source;
  }

  /** Reads the head. @throws whatever the chunks end with */
  static async of(chunks: AsyncIterable<Uint8Array>): Promise<Body> {
    const source = chunks[Symbol.asyncIterator]();
    const first = await gathered(source, new Uint8Array(), HEAD_BYTES);
    return new Body(first.bytes.slice(0, HEAD_BYTES), first.bytes.subarray(HEAD_BYTES), source);
  }

  /** All of it was given away. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * What comes next, up to an offset in the image that blocks end at. A number is how many zeros come.
   * @throws whatever the chunks end with
   */
  async *upTo(limit: number): AsyncGenerator<Uint8Array | number, void> {
    while (this.position < limit && !this.#isOver) {
      const most = Math.min(PACKET_BYTES, limit - this.position);
      const { bytes, isOver } = await gathered(this.#source, this.#rest, most);
      const packet = bytes.subarray(0, most);
      this.#rest = bytes.subarray(most);
      this.position += packet.length;
      this.#isOver = isOver && this.#rest.length === 0;
      yield* piecesOf(packet);
    }
  }

  /** Nobody reads on: whoever makes the chunks is told. */
  async end(): Promise<void> {
    await this.#source.return?.();
  }
}

/** Bytes until there are so many, or no more. */
async function gathered(
  source: AsyncIterator<Uint8Array>,
  first: Uint8Array,
  wanted: number,
): Promise<{ readonly bytes: Uint8Array; readonly isOver: boolean }> {
  const parts = [first];
  let length = first.length;
  while (length < wanted) {
    const next = await source.next();
    if (next.done === true) return { bytes: Buffer.concat(parts), isOver: true };
    parts.push(next.value);
    length += next.value.length;
  }
  return { bytes: parts.length === 1 ? first : Buffer.concat(parts), isOver: false };
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
