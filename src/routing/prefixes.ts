import type { Prefix } from '../config/network-file/network-file.ts';
import { OWN_MARK } from './own.ts';

/** Which addresses the hook gives to taps, for a shell: the first and the last of each subnet as numbers. */
export function prefixesText(prefixes: readonly Prefix[]): string {
  const lines = prefixes.map(
    ({ text, address, length }) => `${address} ${address + 2 ** (32 - length) - 1} ${text}`,
  );
  return `${OWN_MARK}\n${lines.join('\n')}\n`;
}
