/** Of a header: https://www.qemu.org/docs/master/interop/qcow2.html#header; all numbers are big-endian. */
const MAGIC = [0x51, 0x46, 0x49, 0xfb];
const FIXED_BYTES = 32;

export interface Qcow2Header {
  /** Virtual size. */
  readonly capacityBytes: number;
  readonly backingPath: string | undefined;
}

/** Undefined for what is no qcow2 image. @param head the first bytes of a file */
export function readQcow2Header(head: Uint8Array): Qcow2Header | undefined {
  if (head.length < FIXED_BYTES || MAGIC.some((byte, index) => head[index] !== byte)) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const offset = Number(view.getBigUint64(8));
  const length = view.getUint32(16);
  const backing = head.subarray(offset, offset + length);
  return {
    capacityBytes: Number(view.getBigUint64(24)),
    backingPath: offset === 0 || backing.length === 0 ? undefined : new TextDecoder().decode(backing),
  };
}
