import { printable, withoutCommands } from '../text/printable.ts';
import { CUT, widthOf } from '../text/width.ts';

/**
 * A line of a file, and the part of it that is meant: from (included) to (excluded), in UTF-16 code units.
 */
export interface Framed {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Of a terminal's width; what tabs are aligned to there cannot be known behind a gutter. */
const TAB = '    ';
/** The least that is shown of a line, however narrow the terminal says it is. */
const LEAST_COLUMNS = 20;

interface Cell {
  readonly text: string;
  /** Columns that it takes. */
  readonly width: number;
  readonly marked: boolean;
}

/**
 * The line with its number, and under it a marker, as compilers show them:
 *
 *        2 | vcpu: 2
 *          | ^~~~
 *
 * @param columns width of the terminal; of a longer line the part around the marker is shown
 */
export function frameLines({ line, text, from, to }: Framed, columns: number): readonly [string, string] {
  const number = String(line).padStart(4);
  const room = Math.max(LEAST_COLUMNS, columns - number.length - ' | '.length - 1);
  const cells = fitted(toCells(withoutCommands(text), from, Math.max(to, from + 1)), room);
  const marker = cells.map(({ width, marked }) => (marked ? '~' : ' ').repeat(width)).join('');
  // What is missing at the end of a line is marked behind it.
  const drawn = marker.includes('~') ? marker.trimEnd().replace('~', '^') : `${marker}^`;
  return [
    `${number} | ${cells.map((cell) => cell.text).join('')}`.trimEnd(),
    `${' '.repeat(number.length)} | ${drawn}`,
  ];
}

function toCells(text: string, from: number, to: number): readonly Cell[] {
  let index = 0;
  return Array.from(text, (character) => {
    const marked = index >= from && index < to;
    index += character.length;
    const shown = character === '\t' ? TAB : printable(character);
    return { text: shown, width: shown === TAB ? TAB.length : widthOf(shown), marked };
  });
}

/** The cells around the marker that fit, with a sign where others are left out. */
function fitted(cells: readonly Cell[], room: number): readonly Cell[] {
  if (widthOfAll(cells) <= room) return cells;
  const first = cells.findIndex(({ marked }) => marked);
  const marker = first === -1 ? cells.length : first;
  const start = firstShown(cells, marker, room);
  const cut: Cell = { text: CUT, width: 1, marked: false };
  const before = start === 0 ? [] : [cut];
  const shown = widthOfAll(cells.slice(start)) + before.length <= room;
  const end = shown ? cells.length : endShown(cells, start, room - before.length - 1);
  return [...before, ...cells.slice(start, end), ...(shown ? [] : [cut])];
}

/**
 * The line from its beginning if the marker begins in the first two thirds then, else from a third before it.
 */
function firstShown(cells: readonly Cell[], marker: number, room: number): number {
  if (widthOfAll(cells.slice(0, marker)) <= (2 * room) / 3) return 0;
  let start = marker;
  for (let width = 0; start > 0 && width < room / 3; start -= 1) width += cells[start - 1]?.width ?? 0;
  return start;
}

function endShown(cells: readonly Cell[], start: number, room: number): number {
  let end = start;
  for (let width = 0; end < cells.length; end += 1) {
    width += cells[end]?.width ?? 0;
    if (width > room) break;
  }
  return end;
}

function widthOfAll(cells: readonly Cell[]): number {
  return cells.reduce((sum, { width }) => sum + width, 0);
}
