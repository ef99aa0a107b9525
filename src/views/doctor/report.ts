import type { Status } from '../../vm/doctor/check-names.ts';
import type { CheckResult } from '../../vm/doctor/finding.ts';
import { printable } from '../../text/printable.ts';

/** Each takes one column, with or without colours. */
export type Marks = Readonly<Record<Status, string>>;

export const PLAIN_MARKS: Marks = { ok: '✓', warning: '!', failure: '✗', unknown: '-', ignored: '~' };

const ARROW = '→ ';
/** As a shell reads on. */
const CONTINUED = ' \\';
/** What stands in quotes is not parted. */
const WORDS = /(?:'[^']*'|[^ '])+/gu;
/** A terminal that is narrower does its own wrapping. */
const LEAST_TEXT_WIDTH = 20;

/**
 * A line per finding, and one for what repairs it; then the sums. What repairs it goes on behind a backslash
 * where it is too long, so that it can be copied all the same.
 * @param width of the terminal; undefined in a pipe, where nothing is wrapped
 */
export function doctorLines(
  results: readonly CheckResult[],
  marks: Marks,
  width: number | undefined,
): readonly string[] {
  const nameWidth = Math.max(...results.map(({ check }) => check.length));
  const indent = ' '.repeat(nameWidth + 4);
  const room = (width ?? Infinity) - indent.length;
  const lines = results.flatMap((result) => {
    const { check, status, text, code, repair } = result;
    const words = [...printable(text).split(' '), ...(code === undefined ? [] : [`[${code}]`])];
    const [first = '', ...rest] = wrap(words, room);
    const more = ignoreWords(result);
    return [
      `${marks[status]} ${check.padEnd(nameWidth)}  ${first}`,
      ...rest.map((line) => `${indent}${line}`),
      ...(repair === undefined ? [] : repairLines(printable(repair), indent, room)),
      ...(more === undefined ? [] : wrap(printable(more).split(' '), room).map((line) => `${indent}${line}`)),
    ];
  });
  return [...lines, sums(results)];
}

function ignoreWords({ ignored, ignoreEnded }: CheckResult): string | undefined {
  if (ignoreEnded !== undefined) return `it was ignored until ${ignoreEnded}, and counts again`;
  if (ignored === undefined) return undefined;
  const { until, reason } = ignored;
  const end = until === undefined ? 'by --ignore' : `until ${until}`;
  return `ignored ${end}${reason === undefined ? '' : `: ${reason}`}`;
}

function repairLines(repair: string, indent: string, room: number): readonly string[] {
  const rest = `${indent}${' '.repeat(ARROW.length)}`;
  // No shell takes a bracket that is not in quotes: it is words for people.
  const isCommand = !repair.replaceAll(/'[^']*'/gu, '').includes('(');
  const lines = wrap(repair.match(WORDS) ?? [repair], room - ARROW.length - CONTINUED.length);
  return lines.map((line, index) => {
    const end = index < lines.length - 1 && isCommand ? CONTINUED : '';
    return `${index === 0 ? indent + ARROW : rest}${line}${end}`;
  });
}

function wrap(words: readonly string[], width: number): readonly string[] {
  if (width < LEAST_TEXT_WIDTH) return [words.join(' ')];
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function sums(results: readonly CheckResult[]): string {
  const number = (wanted: Status): number => results.filter(({ status }) => status === wanted).length;
  const [failures, warnings, unknown] = [number('failure'), number('warning'), number('unknown')];
  const ignored = number('ignored');
  const parts = [
    ...(failures === 0 ? [] : [plural(failures, 'failure')]),
    ...(warnings === 0 ? [] : [plural(warnings, 'warning')]),
    ...(failures + warnings === 0 ? ['nothing to repair'] : []),
    ...(ignored === 0 ? [] : [`${ignored} ignored`]),
    ...(unknown === 0 ? [] : [`${unknown} not checked`]),
  ];
  return parts.join(', ');
}

function plural(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
