import { showsSecret } from './secrets.ts';

const LONGEST = 60;

/** Everything that could move the cursor, hide text or reorder it in a terminal. JSON escapes C0 only. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** As far as it would be shown: a key of 64 KiB may be in thousands of messages. */
function holdsSecret(text: string): boolean {
  return showsSecret(text, 4 * LONGEST);
}

/**
 * Foreign text for a message: quoted, control characters escaped, cut after 60 characters, secrets left out.
 */
export function quote(text: string): string {
  if (holdsSecret(text)) {
    return '(a secret, not shown)';
  }
  const characters = Array.from(text.slice(0, 4 * LONGEST));
  const cut = text.length > 4 * LONGEST || characters.length > LONGEST;
  const safe = escapeUnsafe(JSON.stringify(characters.slice(0, LONGEST).join('')));
  return cut ? `${safe.slice(0, -1)}…"` : safe;
}

/** Text with every control, format and line separator character written as an escape. */
export function escapeUnsafe(text: string): string {
  return text.replaceAll(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** What a YAML value is, in the words of a message: `the text "4"`, `the number 4.5`, `a list`. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    return holdsSecret(value) ? 'a secret, which is not shown' : `the text ${quote(value)}`;
  }
  if (typeof value === 'number') {
    return `the number ${showNumber(value)}`;
  }
  if (typeof value === 'boolean') {
    return String(value);
  }
  if (value === null || value === undefined) {
    return 'nothing';
  }
  return Array.isArray(value) ? 'a list' : 'a map';
}

/** As YAML writes it. */
function showNumber(value: number): string {
  if (Number.isNaN(value)) {
    return '.nan';
  }
  return String(value).replace('Infinity', '.inf');
}
