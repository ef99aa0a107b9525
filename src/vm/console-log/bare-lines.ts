/*
 * What a terminal would act on (ECMA-48): control sequences such as colours, strings such as titles, and the
 * shorter escapes. A guest writes what it likes, 16 MiB in one line if it wants to: each pattern looks at any
 * character a bounded number of times. Node's stripVTControlCharacters does not.
 */
const [ESC, BEL, CSI, ST] = ['\u001B', '\u0007', '\u009B', '\u009C'];
const ESCAPE = new RegExp(
  [
    String.raw`(?:${ESC}\[|${CSI})[0-?]{0,64}[ -/]{0,8}[@-~]`,
    String.raw`${ESC}\][^${BEL}${ESC}${ST}]{0,512}(?:${BEL}|${ESC}\\|${ST})`,
    `${ESC}[ -/]{0,8}[0-~]`,
  ].join('|'),
  'gu',
);

/** The lines of a text, one by one, without line ends and escapes. */
export function* bareLines(text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    yield bareLine(text, start, end);
    start = end + 1;
  }
}

/** Guests end lines with `\r\n`, some with more of the first. */
function bareLine(text: string, start: number, end: number): string {
  let [from, to] = [start, end];
  while (from < to && text[from] === '\r') from += 1;
  while (to > from && text[to - 1] === '\r') to -= 1;
  return from === to ? '' : text.slice(from, to).replaceAll(ESCAPE, '');
}
