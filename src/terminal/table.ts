export interface Column<Row> {
  readonly title: string;
  /** Narrowest the column gets, so that short tables keep their shape. */
  readonly minWidth?: number;
  readonly text: (row: Row) => string;
}

const GAP = '  ';

/** A header and a line per row, columns padded to their widest cell; no trailing spaces. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ text }) => text(row))),
  ];
  const widths = columns.map(({ minWidth = 0 }, index) =>
    Math.max(minWidth, ...lines.map((cells) => cells[index]?.length ?? 0)),
  );
  return lines.map((cells) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}
