import { sshKeyMistake } from './ssh-key.ts';

/** A line of a file of public keys; the number counts from 1. */
export interface KeyLine {
  readonly number: number;
  readonly line: string;
}

/** The keys of a file in the form of authorized_keys (sshd(8)): empty lines and those that start with # do not count. */
export function keyLines(text: string): readonly KeyLine[] {
  return text
    .split(/\r?\n/u)
    .map((line, index) => ({ number: index + 1, line: line.trim() }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'));
}

/** Why a text is not a file of public keys, or undefined if it is. */
export function keyFileMistake(text: string): string | undefined {
  // Before the lines: those of a private key are wrong each on its own.
  if (text.includes('PRIVATE KEY')) return sshKeyMistake(text);
  const lines = keyLines(text);
  if (lines.length === 0) return 'holds no public key';
  for (const { number, line } of lines) {
    const mistake = sshKeyMistake(line);
    if (mistake !== undefined) return `line ${number}: ${mistake}`;
  }
  return undefined;
}
