import { textWidth } from '../../../text/width.ts';
import { renderTable } from '../../../terminal/table.ts';
import type { TableLook } from '../../../terminal/table.ts';
import type { ShownVm, VmColumn } from '../../../views/list/columns.ts';

/** A table that is printed in pieces: columns keep the width that they had, or grow. */
export class GrowingTable {
  #columns: readonly VmColumn[];
  readonly #look: TableLook;
  #isBegun = false;

  constructor(columns: readonly VmColumn[], look: TableLook) {
    this.#columns = columns;
    this.#look = look;
  }

  lines(rows: readonly ShownVm[]): readonly string[] {
    this.#columns = this.#columns.map((column) => ({ ...column, minWidth: widthOf(column, rows) }));
    const headers = this.#look.headers !== false && !this.#isBegun;
    this.#isBegun = true;
    return renderTable(this.#columns, rows, { ...this.#look, headers }).lines;
  }
}

function widthOf({ minWidth = 0, title, text }: VmColumn, rows: readonly ShownVm[]): number {
  return Math.max(minWidth, textWidth(title), ...rows.map((row) => textWidth(text(row))));
}
