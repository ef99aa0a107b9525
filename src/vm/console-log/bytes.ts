export const NOTHING = new Uint8Array();

const LINE_END = 0x0a;
/** A guest that never ends its line. */
const LONGEST_LINE = 64 * 1024;

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
