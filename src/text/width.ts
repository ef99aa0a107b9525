/** Takes two columns: East Asian wide and fullwidth (UAX 11), and what is shown as a picture. */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;
/** Takes none: it is drawn over the character before it. */
const OVERLAID = /^[\p{Mn}\p{Me}]$/u;
/** What most texts are made of: a column for each. */
const PLAIN = /^[ -~]*$/u;

/** What stands for a part that is left out. */
export const CUT = '…';

/** Columns of a terminal that a printable character takes. */
export function widthOf(character: string): number {
  if (OVERLAID.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Columns of a terminal that a printable text takes. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return Array.from(text).reduce((sum, character) => sum + widthOf(character), 0);
}

/** The text, or as much of its beginning as fits into `width` columns with a sign that there is more. */
export function truncated(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let shown = '';
  let taken = CUT.length;
  for (const character of text) {
    taken += widthOf(character);
    if (taken > width) break;
    shown += character;
  }
  return `${shown.trimEnd()}${CUT}`;
}

/**
 * The text in pieces that fit into `width` columns, as a terminal wraps it: at least one, and one character
 * in each.
 */
export function chunks(text: string, width: number): readonly string[] {
  if (textWidth(text) <= width) return [text];
  const pieces = [''];
  let taken = 0;
  for (const character of text) {
    taken += widthOf(character);
    if (taken > width && pieces.at(-1) !== '') {
      pieces.push('');
      taken = widthOf(character);
    }
    pieces.push(`${pieces.pop() ?? ''}${character}`);
  }
  return pieces;
}
