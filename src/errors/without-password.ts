/** What a parameter of a URI is called that holds a secret; the name of a file (`keyfile`) is none. */
const SECRET = String.raw`[^=&;#\s]*(?:pass|secret|token)[^=&;#\s]*|[^=&;#\s]*key`;
const SECRET_PARAMETER = new RegExp(`([?&;](?:${SECRET})=)[^&;#\\s'"]*`, 'giu');

/**
 * A text with the password left out of every URI in it, and the values of parameters that sound like a secret:
 * `qemu+tcp://me:***@host/system?token=***`.
 */
export function withoutPassword(text: string): string {
  return text.replaceAll(/(:\/\/[^\s/?#:@]*):[^\s?#]*@/gu, '$1:***@').replaceAll(SECRET_PARAMETER, '$1***');
}
