/*
 * All that recognises a secret, and all that leaves one out of a text. What is shown to whoever may be
 * another person takes too much for a secret rather than too little.
 */

/** Words of keys that have secrets as their values, whatever those look like. */
export const SECRET_WORDS =
  '(?:pass|pas?w|secret|token|hash|credential|private|(?:^|[^a-z0-9])pwd?(?![a-z0-9]))';
/** A private key or a crypt hash: a place where no secret belongs may hold one by mistake. */
const SECRET = /PRIVATE KEY|\$[0-9a-z-]{1,8}\$/i;

/** Long, and of the signs that hashes and keys are made of: one of them, though it lost its beginning. */
const LONG_RUN = /[A-Za-z0-9./+=]{32,}/g;

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

/**
 * Whether a piece of foreign text shows a secret, or the middle of a public key, were its beginning printed.
 * @param most characters that would be
 */
export function showsSecret(text: string, most: number): boolean {
  const beginning = text.slice(0, most);
  return SECRET.test(text) || PUBLIC_KEY.test(beginning) || randomRuns(beginning).length > 0;
}

/**
 * What has a password, or the like, behind it, wherever in a line: a key of YAML or JSON, a variable, an
 * option.
 */
const NAMED = /(?:pass|pwd|secret|token|credential|private|api[_-]?key)[\w-]{0,60}["']?\s{0,60}[:=]/iu;
/** Keys that sound so and have none. */
const INNOCENT = /\b(?:lock[_-]passw(?:or)?d|ssh_pwauth)\b/giu;
const COMMAND = /chpasswd|htpasswd|--(?:password|token)\b/iu;
/** https://user:password@host */
const IN_URL = /:\/\/[^\s/@:]+:[^\s/@]+@/u;

/** Whether a text, be it a document, a file or a command, holds what looks like a secret. */
export function holdsSecrets(text: string): boolean {
  const suspect = text.replaceAll(INNOCENT, '');
  return findSecret(text) >= 0 || [NAMED, COMMAND, IN_URL].some((pattern) => pattern.test(suspect));
}

/** crypt(5), wherever it stands, and a whole private key (RFC 7468). */
const WHOLE_SECRETS =
  /\$[0-9a-z]{1,3}\$(?:[./0-9A-Za-z=,+-]+\$)+[./0-9A-Za-z]+|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/gu;

/** A text with `mask` in place of each password hash and private key. */
export function maskSecrets(text: string, mask: string): string {
  return text.replaceAll(WHOLE_SECRETS, () => mask);
}

/** What a parameter of a URI is called that holds a secret; the name of a file (`keyfile`) is none. */
const PARAMETER = String.raw`[^=&;#\s]*(?:pass|secret|token)[^=&;#\s]*|[^=&;#\s]*key`;
const SECRET_PARAMETER = new RegExp(`([?&;](?:${PARAMETER})=)[^&;#\\s'"]*`, 'giu');

/**
 * A text with the password left out of every URI in it, and the values of parameters that sound like a
 * secret: `qemu+tcp://me:***@host/system?token=***`.
 */
export function withoutPassword(text: string): string {
  return text.replaceAll(/(:\/\/[^\s/?#:@]*):[^\s?#]*@/gu, '$1:***@').replaceAll(SECRET_PARAMETER, '$1***');
}

/**
 * What follows a word such as `password=`, as in a command line of QEMU that libvirt quotes, which calls it
 * `data=` or `"data":`. "Cannot write data: Broken pipe" has no secret.
 */
const SECRET_WORD =
  /((?:(?:passw(?:or)?d|passphrase|secret)[\w-]*"?\s*[=:]|(?<![a-z])data[\w-]*\s*=|"data"\s*:)\s*)(?:"[^"]*"|'[^']*'|[^\s,;&]+)/giu;

/** A foreign text without passwords, wherever it has them. */
export function withoutSecrets(text: string): string {
  return withoutPassword(text).replaceAll(SECRET_WORD, '$1***');
}
