import { CUT, textWidth, truncated } from './text-width.ts';

export interface Column<Row> {
  readonly title: string;
  /** Narrowest the column gets, so that short tables keep their shape and long ones tell something. */
  readonly minWidth?: number;
  /** Numbers are easier to compare with their ends in line. */
  readonly align?: 'left' | 'right';
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

const GAP = '  ';
/** What is left of another column that has to give way: an IPv4 address. Then the line is cut, and its last columns are not seen. */
const LEAST_WIDTH = 15;

interface Cell {
  readonly text: string;
  readonly colour: Colour | undefined;
}

/**
 * A header and a line per row, columns padded to their widest cell; no trailing spaces. Where that is wider than the
 * terminal the widest columns give way first.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, headers = true, paint }: TableLook = {},
): readonly string[] {
  const lines: readonly (readonly Cell[])[] = [
    ...(headers ? [columns.map(({ title }) => ({ text: title, colour: undefined }))] : []),
    ...rows.map((row) => columns.map(({ text, colour }) => ({ text: text(row), colour: colour?.(row) }))),
  ];
  const widths = fitted(
    columns.map(({ minWidth }, index) => ({
      least: minWidth ?? LEAST_WIDTH,
      width: Math.max(minWidth ?? 0, ...lines.map((cells) => textWidth(cells[index]?.text ?? ''))),
    })),
    width,
  );
  return lines.map((cells) => {
    const padded = cells.map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align));
    return joined(padded, width, paint);
  });
}

interface Wanted {
  readonly width: number;
  readonly least: number;
}

/** The widths that fit into the terminal, as far as columns can give way. */
function fitted(wanted: readonly Wanted[], available: number | undefined): readonly number[] {
  const result = wanted.map(({ width }) => width);
  if (available === undefined) return result;
  const room = available - GAP.length * (result.length - 1);
  for (let over = result.reduce((sum, one) => sum + one, -room); over > 0; over -= 1) {
    const spare = result.map((width, index) => (width > (wanted[index]?.least ?? 0) ? width : 0));
    const widest = Math.max(...spare);
    if (widest === 0) break;
    result[spare.lastIndexOf(widest)] = widest - 1;
  }
  return result;
}

function pad({ text, colour }: Cell, width: number, align: Column<never>['align']): Cell {
  const shown = truncated(text, width);
  const blanks = ' '.repeat(width - textWidth(shown));
  return { text: align === 'right' ? blanks + shown : shown + blanks, colour };
}

/** Cuts what still does not fit, and paints only then, so that no colour is cut in two. */
function joined(cells: readonly Cell[], width: number | undefined, paint: TableLook['paint']): string {
  const parts = cells.flatMap((cell, index) => (index === 0 ? [cell] : [{ ...cell, text: GAP + cell.text }]));
  const plain = parts
    .map(({ text }) => text)
    .join('')
    .trimEnd();
  const end = width !== undefined && textWidth(plain) > width ? width : undefined;
  if (paint === undefined || end !== undefined) return end === undefined ? plain : cutAt(plain, end);
  return parts
    .map(({ text, colour }) =>
      colour === undefined ? text : text.replace(/\S.*\S|\S/u, (word) => paint(word, colour)),
    )
    .join('')
    .trimEnd();
}

function cutAt(line: string, width: number): string {
  return width < 1 ? line : truncated(line, width).replace(/\s+…$/u, CUT);
}
