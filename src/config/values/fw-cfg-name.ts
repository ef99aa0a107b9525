import { quote } from '../../text/quote.ts';

/** What Ignition reads unless a file says otherwise. */
export const FW_CFG_NAME = 'opt/com.coreos/config';

/** QEMU's own limit: 56 bytes with the zero at the end. */
const MOST_LENGTH = 55;

/** Those that QEMU or firmware keep for themselves. */
const RESERVED = /^opt\/(?:ovmf|org\.qemu)(?:\/|$)/u;

/** What is wrong with the name of a file of firmware that a guest reads. */
export function fwCfgNameMistake(text: string): string | undefined {
  if (!/^opt\/[a-zA-Z0-9._/-]+$/u.test(text))
    return `must begin with opt/ and hold letters, digits, dots, hyphens, underscores and slashes, got ${quote(text)}`;
  if (RESERVED.test(text)) return `${quote(text)} is reserved: QEMU refuses it`;
  return text.length > MOST_LENGTH
    ? `must have at most ${MOST_LENGTH} characters, and has ${text.length}`
    : undefined;
}
