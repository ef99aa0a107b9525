import { textWidth, truncated } from '../text/width.ts';

export interface Column<Row> {
  readonly title: string;
  /** Narrowest the column is drawn, so that short tables keep their shape. */
  readonly minWidth?: number;
  /**
   * How narrow it may be made in a narrow terminal; undefined: a part of it is of no use, so that it is whole
   * or left out.
   */
  readonly cutTo?: number;
  /** Where there is no room for all columns, the one of the highest rank is left out first. */
  readonly rank?: number;
  readonly text: (row: Row) => string;
  readonly colour?: (row: Row) => Colour | undefined;
}

export type Colour = 'green' | 'yellow' | 'red' | 'dim';

export interface TableLook {
  /** Columns of the terminal; undefined: lines are as long as they are. */
  readonly width?: number | undefined;
  readonly headers?: boolean;
  /** Undefined: no colours. */
  readonly paint?: ((text: string, colour: Colour) => string) | undefined;
}

export interface Table {
  readonly lines: readonly string[];
  /** Titles of columns for which there was no room. */
  readonly leftOut: readonly string[];
}

/** Stands where a row has nothing to tell. */
export const NONE = '-';

const GAP = '  ';

interface Cell {
  readonly text: string;
  readonly colour: Colour | undefined;
}

/**
 * A header and a line per row, columns padded to their widest cell; no trailing spaces. Where that is wider
 * than the terminal, columns that can be cut are cut, the widest first; then columns are left out, first
 * those in which no row tells anything. The most important one stays, whole or as wide as the terminal.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, headers = true, paint }: TableLook = {},
): Table {
  const all = columns.map((column) => drawn(column, rows, headers));
  const kept = fitted(all, width ?? Infinity);
  const lines = Array.from({ length: rows.length + (headers ? 1 : 0) }, (_, index) =>
    joined(
      kept.map(({ column, width: room }) =>
        pad(column.cells[index] ?? { text: '', colour: undefined }, room),
      ),
      paint,
    ),
  );
  const shown = new Set(kept.map(({ column }) => column));
  return { lines, leftOut: all.filter((column) => !shown.has(column)).map(({ title }) => title) };
}

interface Drawn {
  readonly title: string;
  readonly cells: readonly Cell[];
  readonly width: number;
  readonly least: number;
  readonly rank: number;
}

function drawn<Row>(
  { title, minWidth = 0, cutTo, rank = 0, text, colour }: Column<Row>,
  rows: readonly Row[],
  headers: boolean,
): Drawn {
  const body = rows.map((row) => ({ text: text(row), colour: colour?.(row) }));
  const cells = headers ? [{ text: title, colour: undefined }, ...body] : body;
  const width = Math.max(minWidth, ...cells.map((cell) => textWidth(cell.text)));
  const least = cutTo === undefined ? width : Math.min(width, Math.max(cutTo, textWidth(title)));
  const isEmpty = rows.length > 0 && body.every((cell) => cell.text === NONE);
  return { title, cells, width, least, rank: isEmpty && rank > 0 ? Infinity : rank };
}

interface Fitted {
  readonly column: Drawn;
  readonly width: number;
}

/** The columns that fit, and how wide each is. */
function fitted(columns: readonly Drawn[], available: number): readonly Fitted[] {
  const room = available - GAP.length * (columns.length - 1);
  const widths = shortened(columns, room);
  if (columns.length <= 1 || sum(widths) <= room)
    return columns.map((column, index) => ({ column, width: widths[index] ?? 0 }));
  const last = Math.max(...columns.map(({ rank }) => rank));
  const index = columns.findLastIndex(({ rank }) => rank === last);
  return fitted(columns.toSpliced(index, 1), available);
}

/** The widest gives way first, as far as it can. */
function shortened(columns: readonly Drawn[], room: number): readonly number[] {
  const result = columns.map(({ width }) => width);
  for (let over = sum(result) - room; over > 0; over -= 1) {
    const spare = result.map((width, index) => (width > (columns[index]?.least ?? 0) ? width : 0));
    const widest = Math.max(...spare);
    if (widest === 0) break;
    result[spare.lastIndexOf(widest)] = widest - 1;
  }
  return result;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function pad({ text, colour }: Cell, width: number): Cell {
  const shown = truncated(text, width);
  return { text: shown + ' '.repeat(width - textWidth(shown)), colour };
}

function joined(cells: readonly Cell[], paint: TableLook['paint']): string {
  return cells
    .map(({ text, colour }) =>
      paint === undefined || colour === undefined
        ? text
        : text.replace(/\S.*\S|\S/u, (word) => paint(word, colour)),
    )
    .join(GAP)
    .trimEnd();
}
