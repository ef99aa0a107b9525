const LONGEST = 60;

/** A private key or a crypt hash: a place where no secret belongs may hold one by mistake. */
const SECRET = /PRIVATE KEY|\$[0-9a-z-]{1,8}\$/i;

/** Long, and of the signs that hashes and keys are made of: one of them, though it lost its beginning. */
const LONG_RUN = /[A-Za-z0-9./+=]{32,}/g;

/** Everything that could move the cursor, hide text or reorder it in a terminal. JSON escapes C0 only. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The middle of a public key: no secret, but nobody's business in a message (RFC 4253 6.6, in base64). */
const PUBLIC_KEY = /AAAA[A-Za-z0-9+/]{12,}/;

/** Where the first secret of a text begins; -1 if there is none. */
export function findSecret(text: string): number {
  const run = randomRuns(text)[0]?.[0] ?? -1;
  const known = text.search(SECRET);
  return run === -1 || known === -1 ? Math.max(run, known) : Math.min(run, known);
}

/**
 * Where a text has what looks random, from and to. A path has slashes, and a public key begins with the
 * length of its type.
 */
export function randomRuns(text: string): readonly (readonly [number, number])[] {
  return Array.from(text.matchAll(LONG_RUN))
    .filter(
      ([run]) => !run.startsWith('AAAA') && (run.startsWith('/') ? run.split('/') : [run]).some(isRandom),
    )
    .map(({ 0: run, index }) => [index, index + run.length] as const);
}

function isRandom(run: string): boolean {
  return run.length >= 32 && /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run);
}

/** As far as it would be shown: a key of 64 KiB may be in thousands of messages. */
function holdsSecret(text: string): boolean {
  const seen = text.slice(0, 4 * LONGEST);
  return SECRET.test(text) || PUBLIC_KEY.test(seen) || randomRuns(seen).length > 0;
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
