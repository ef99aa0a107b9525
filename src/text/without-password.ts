/** What a parameter of a URI is called that holds a secret; the name of a file (`keyfile`) is none. */
const SECRET = String.raw`[^=&;#\s]*(?:pass|secret|token)[^=&;#\s]*|[^=&;#\s]*key`;
const SECRET_PARAMETER = new RegExp(`([?&;](?:${SECRET})=)[^&;#\\s'"]*`, 'giu');

/**
 * A text with the password left out of every URI in it, and the values of parameters that sound like a
 * secret: `qemu+tcp://me:***@host/system?token=***`.
 */
export function withoutPassword(text: string): string {
  return text.replaceAll(/(:\/\/[^\s/?#:@]*):[^\s?#]*@/gu, '$1:***@').replaceAll(SECRET_PARAMETER, '$1***');
}

/** What follows a word such as `password=`, as in a command line of QEMU that libvirt quotes. */
const SECRET_WORD =
  /((?:passw(?:or)?d|passphrase|secret|(?<![a-z])data)[\w-]*\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&]+)/giu;

/** A foreign text without passwords, wherever it has them. */
export function withoutSecrets(text: string): string {
  return withoutPassword(text).replaceAll(SECRET_WORD, '$1***');
}
