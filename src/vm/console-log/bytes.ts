/** As much of a burst is made lines at once. */
const PIECE_BYTES = 256 * 1024;

export const NOTHING = new Uint8Array();

const LINE_END = 0x0a;
/** A guest that never ends its line. */
const LONGEST_LINE = 64 * 1024;

/**
 * A guest can write nothing but line ends: what is made of a line takes up many times its byte. 16 MiB of a
 * usual log have about 200,000.
 */
export const MOST_LINES = 500_000;

/** The last lines of a log, whether the last of them has ended or not. */
export function lastLines(bytes: Uint8Array, most: number = MOST_LINES): Uint8Array {
  let start = bytes.length;
  for (let lines = 0; lines < most && start > 0; lines += 1) {
    const end = bytes[start - 1] === LINE_END ? start - 1 : start;
    start = end === 0 ? 0 : bytes.lastIndexOf(LINE_END, end - 1) + 1;
  }
  return bytes.subarray(start);
}

/** The lines that have ended, and what has begun after them. */
export function wholeLines(bytes: Uint8Array): { readonly whole: Uint8Array; readonly rest: Uint8Array } {
  const end = bytes.lastIndexOf(LINE_END) + 1;
  if (bytes.length - end > LONGEST_LINE) return { whole: bytes, rest: NOTHING };
  return { whole: bytes.subarray(0, end), rest: bytes.subarray(end) };
}

/** A guest may write what is no UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Of bytes that came at once, some after the other. */
export function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
