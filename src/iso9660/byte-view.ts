/** Bytes of a foreign image. Every look outside of them throws RangeError. */
export class ByteView {
  readonly bytes: Uint8Array;
  readonly #data: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get length(): number {
    return this.bytes.length;
  }

  byte(offset: number): number {
    return this.#data.getUint8(offset);
  }

  /** ECMA-119 7.2.3: the little-endian one of the two. */
  uint16(offset: number): number {
    return this.#data.getUint16(offset, true);
  }

  /** ECMA-119 7.3.3: the little-endian one of the two. */
  uint32(offset: number): number {
    return this.#data.getUint32(offset, true);
  }

  part(offset: number, length: number): ByteView {
    if (offset + length > this.length) throw new RangeError('an image that was cut off');
    return new ByteView(this.bytes.subarray(offset, offset + length));
  }

  from(offset: number): ByteView {
    return this.part(offset, this.length - offset);
  }

  latin1(offset: number, length = this.length - offset): string {
    return Buffer.from(this.part(offset, length).bytes).toString('latin1');
  }

  utf8(offset: number): string {
    return Buffer.from(this.from(offset).bytes).toString('utf8');
  }

  /**
   * Joliet, "Wide Character Byte Ordering": most significant byte first; half a character at the end is none.
   */
  ucs2(offset: number): string {
    const { bytes } = this.part(offset, (this.length - offset) & ~1);
    return Buffer.from(bytes).swap16().toString('utf16le');
  }
}
