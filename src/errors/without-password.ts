/** A text with the password left out of every URI in it: `qemu+tcp://me:***@host/system`. */
export function withoutPassword(text: string): string {
  return text.replaceAll(/(:\/\/[^\s/?#:@]*):[^\s?#]*@/gu, '$1:***@');
}

/** What follows a word such as `password=`, as in a command line of QEMU that libvirt quotes. */
const SECRET = /((?:passw(?:or)?d|passphrase|secret|data)[\w-]*\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&]+)/giu;

/** A foreign text without passwords, wherever it has them. */
export function withoutSecrets(text: string): string {
  return withoutPassword(text).replaceAll(SECRET, '$1***');
}
