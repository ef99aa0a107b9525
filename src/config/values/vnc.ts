import { nearest } from '../../text/nearest.ts';
import { quote } from '../../text/quote.ts';
import { addressMistake } from './ipv4.ts';

/** The protocol has no room for more. RFC 6143, 7.2.2 */
const LONGEST_PASSWORD = 8;
const WORDS = ['none', 'socket'];

/** Why a text cannot be what a screen listens at, or undefined if it can. */
export function listenMistake(text: string): string | undefined {
  if (WORDS.includes(text) || addressMistake(text) === undefined) return undefined;
  const meant = text === 'localhost' ? '127.0.0.1' : nearest(text, WORDS);
  const help = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `must be none, socket or an IPv4 address of the hypervisor such as 127.0.0.1, got ${quote(text)}${help}`;
}

/** The password that a file holds: its text without the end of the line. */
export function vncPassword(text: string): string {
  return text.replace(/\r?\n$/u, '');
}

/** Why the text of a file is no password, in words behind its name, which say nothing of it. */
export function passwordFileMistake(text: string): string | undefined {
  const password = vncPassword(text);
  if (password === '') return 'is empty: a password is 1 to 8 characters';
  if (!/^[\u0020-\u007E]+$/u.test(password))
    return 'is not a line of plain ASCII characters, as a password of VNC is';
  return password.length > LONGEST_PASSWORD
    ? `holds ${password.length} characters: a password of VNC has at most ${LONGEST_PASSWORD}`
    : undefined;
}
