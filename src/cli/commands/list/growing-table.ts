import { textWidth } from '../../../text/width.ts';
import { renderTable } from '../../../terminal/table.ts';
import type { TableLook } from '../../../terminal/table.ts';
import type { ShownVm, VmColumn } from '../../../views/list/columns.ts';

/**
 * A table that is printed in pieces. The first has the headers, and says which columns there are; later rows
 * may be longer than the terminal is wide, and stand below the right headers.
 */
export class GrowingTable {
  readonly #look: TableLook;
  readonly #ifTold: readonly VmColumn[];
  #columns: readonly VmColumn[];
  #isBegun = false;
  /** Titles of columns for which there was no room. */
  leftOut: readonly string[] = [];

  /** @param ifTold columns that are there where a row of the first piece says something in them */
  constructor(columns: readonly VmColumn[], ifTold: readonly VmColumn[], look: TableLook) {
    this.#columns = columns;
    this.#ifTold = ifTold;
    this.#look = look;
  }

  lines(rows: readonly ShownVm[]): readonly string[] {
    return this.#isBegun ? this.#further(rows) : this.#first(rows);
  }

  #first(rows: readonly ShownVm[]): readonly string[] {
    this.#isBegun = true;
    const told = this.#ifTold.filter(({ value }) => rows.some((row) => value(row) !== undefined));
    const all = [...this.#columns, ...told];
    const { lines, leftOut } = renderTable(all, rows, this.#look);
    this.leftOut = leftOut;
    const shown = all.filter(({ title }) => !leftOut.includes(title));
    const most = Math.max(0, ...lines.map(textWidth));
    this.#columns = shown.map((column) => ({ ...column, minWidth: Math.min(widthOf(column, rows), most) }));
    return lines;
  }

  #further(rows: readonly ShownVm[]): readonly string[] {
    const { paint } = this.#look;
    return renderTable(this.#columns, rows, { paint, headers: false }).lines;
  }
}

function widthOf({ minWidth = 0, title, text }: VmColumn, rows: readonly ShownVm[]): number {
  return Math.max(minWidth, textWidth(title), ...rows.map((row) => textWidth(text(row))));
}
