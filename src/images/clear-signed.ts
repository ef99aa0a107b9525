const MESSAGE = '-----BEGIN PGP SIGNED MESSAGE-----';
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----';

/** Whether a text says that it, or a part of it, is signed in the clear. */
export function isClearSigned(text: string): boolean {
  return linesOf(text).includes(MESSAGE);
}

/**
 * What a text signed in the clear says (RFC 9580, 7), without a look at the signature: nothing outside its
 * marks counts, as whoever sends it may have written that. A text that is not signed is given back as it is.
 */
export function signedPart(text: string): { readonly text: string } | { readonly problem: string } {
  const lines = linesOf(text);
  const begin = lines.indexOf(MESSAGE);
  if (begin === -1) return { text };
  if (lines.indexOf(MESSAGE, begin + 1) !== -1) return { problem: 'it holds more than one signed text' };
  const end = lines.indexOf(SIGNATURE, begin);
  if (end === -1) return { problem: 'its signed text has no end: it is cut off' };
  // Headers, such as that of the hash, end with an empty line.
  const empty = lines.indexOf('', begin);
  if (empty === -1 || empty > end) return { problem: 'its signed text does not begin after an empty line' };
  const signed = lines.slice(empty + 1, end).map((line) => line.replace(/^- /u, ''));
  return { text: signed.join('\n') };
}

/** The blanks at the end of a line are not signed. */
function linesOf(text: string): readonly string[] {
  return text.split('\n').map((line) => line.trimEnd());
}
