import { callLocal } from './native.ts';

/** A struct termios has 60 bytes on Linux. */
const TERMIOS_BYTES = 256;
/** tcsetattr(3): at once. */
const TCSANOW = 0;

/**
 * Has a terminal give each byte as it is typed, show nothing by itself and leave what is written to it alone.
 * node's own raw mode turns each LF that is written into CR LF, which full-screen programs of a guest do not
 * mean.
 * @param file its descriptor
 * @returns what makes it as it was; undefined for what is no terminal
 */
export function makeRaw(file: number): (() => void) | undefined {
  const before = new Uint8Array(TERMIOS_BYTES);
  if (callLocal('tcgetattr', file, before) !== 0) return undefined;
  const raw = before.slice();
  callLocal('cfmakeraw', raw);
  callLocal('tcsetattr', file, TCSANOW, raw);
  return () => void callLocal('tcsetattr', file, TCSANOW, before);
}
