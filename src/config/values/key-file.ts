import { sshKeyMistake } from './ssh-key.ts';

/** A line of a file of public keys; the number counts from 1. */
export interface KeyLine {
  readonly number: number;
  readonly line: string;
}

/** Files whose keys are remembered: thousands of VM files may name the same one. */
const MOST_REMEMBERED = 64;

/** The same function of a text, which works once for each. */
export function oncePerText<T>(find: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly found: T }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.found;
    if (known.size >= MOST_REMEMBERED) known.clear();
    const found = find(text);
    known.set(text, { found });
    return found;
  };
}

/**
 * The keys of a file in the form of authorized_keys (sshd(8)): empty lines and those that start with # do not
 * count.
 */
export const keyLines = oncePerText((text): readonly KeyLine[] =>
  text
    .split(/\r?\n/u)
    .map((line, index) => ({ number: index + 1, line: line.trim() }))
    .filter(({ line }) => line !== '' && !line.startsWith('#')),
);

/**
 * Why a text is not a file of public keys, or undefined if it is. No word of it is repeated: it may be any
 * file.
 */
export const keyFileMistake = oncePerText((text): string | undefined => {
  // Before the lines: those of a private key are wrong each on its own.
  if (text.includes('PRIVATE KEY')) return sshKeyMistake(text);
  const lines = keyLines(text);
  if (lines.length === 0) return 'holds no public key';
  for (const { number, line } of lines) {
    const mistake = sshKeyMistake(line, false);
    if (mistake !== undefined) return `line ${number}: ${mistake}`;
  }
  return undefined;
});
