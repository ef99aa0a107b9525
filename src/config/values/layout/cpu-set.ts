import { show } from '../../../text/quote.ts';

/** Numbers of CPUs, ascending, each once. Files say them as 2, as 2-5,8 or as [2, 3]. */
export type CpuSet = readonly number[];

/** More than any host has: libvirt's own bound. */
export const MOST_CPU = 16_383;
const WANTED = 'expected numbers of CPUs, such as 2, or 2-5,8, or [2, 3]';
const RANGE = /^(?<first>0|[1-9]\d{0,8})(?:-(?<last>0|[1-9]\d{0,8}))?$/u;
/** For editors. */
export const CPU_SET_PATTERN = '^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$';

/** Something wrong with a set: in which item of a list, where it is one. */
export interface CpuSetMistake {
  readonly index: number | undefined;
  readonly text: string;
}

type Range = readonly [first: number, last: number];

/** What is wrong with what a file says; undefined: nothing. */
export function cpuSetMistake(value: unknown): CpuSetMistake | undefined {
  if (value === undefined) return { index: undefined, text: 'is required (numbers of CPUs, such as 0-3)' };
  const isList = Array.isArray(value);
  const parts: readonly unknown[] = isList ? value : [value];
  if (parts.length === 0) return { index: undefined, text: `has no CPU in it; ${WANTED}` };
  const seen = new Set<number>();
  for (const [index, part] of parts.entries()) {
    const text = partMistake(part, seen);
    if (text !== undefined) return { index: isList ? index : undefined, text };
  }
  return undefined;
}

/** @param seen takes the numbers of the part */
function partMistake(part: unknown, seen: Set<number>): string | undefined {
  const words = wordsOf(part);
  if (words === undefined) return `${WANTED}, found ${show(part)}`;
  for (const word of words) {
    const range = rangeOf(word);
    if (typeof range === 'string') return range;
    if (range === undefined) return `${WANTED}, found ${show(part)}${meant(words.join(','))}`;
    const twice = numbersIn(range).find((one) => seen.has(one));
    if (twice !== undefined) return `has CPU ${twice} twice`;
    for (const one of numbersIn(range)) seen.add(one);
  }
  return undefined;
}

function wordsOf(part: unknown): readonly string[] | undefined {
  if (typeof part === 'number') return [String(part)];
  return typeof part === 'string' ? part.split(',').map((word) => word.trim()) : undefined;
}

/** Words for one that cannot be; undefined for what is none. */
function rangeOf(word: string): Range | string | undefined {
  if (word.startsWith('^')) return `cannot leave CPUs out (${word}): write those that are meant`;
  const { first, last = first } = RANGE.exec(word)?.groups ?? {};
  if (first === undefined || last === undefined) return undefined;
  const [from, to] = [Number(first), Number(last)];
  if (to > MOST_CPU) return `has CPU ${to}, and no host has more than ${MOST_CPU + 1}`;
  return to < from ? `${word} ends before it begins; did you mean ${to}-${from}?` : [from, to];
}

/** `2..5`, `2:5` and blanks are what other programs write. */
function meant(text: string): string {
  const likely = text
    .trim()
    .replaceAll(/\s*(?:\.\.+|:|–|\bto\b)\s*/gu, '-')
    .replaceAll(/[\s;,]+/gu, ',');
  const isOne = likely !== text && likely.split(',').every((word) => typeof rangeOf(word) === 'object');
  return isOne ? `; did you mean ${likely}?` : '';
}

function numbersIn([first, last]: Range): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** What a file says, as long as nothing is wrong with it; undefined otherwise. */
export function parseCpuSet(value: unknown): CpuSet | undefined {
  if (cpuSetMistake(value) !== undefined) return undefined;
  const words = [value].flat().flatMap((part) => wordsOf(part) ?? []);
  const numbers = words.flatMap((word) => {
    const range = rangeOf(word);
    return typeof range === 'object' ? numbersIn(range) : [];
  });
  return numbers.toSorted((one, other) => one - other);
}

/** `2-5,8`; of two that follow each other `2-3`. */
export function cpuSetText(set: CpuSet): string {
  const ranges: (readonly [number, number])[] = [];
  for (const one of set) {
    const before = ranges.at(-1);
    if (before !== undefined && before[1] === one - 1) ranges.splice(-1, 1, [before[0], one]);
    else ranges.push([one, one]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
