/** Control characters, and the marks that turn or hide text: line separators, bidirectional controls. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A foreign string made safe for one line of a terminal. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, '\u{FFFD}');
}
