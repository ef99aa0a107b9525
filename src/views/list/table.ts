import { csvLine } from '../../terminal/csv.ts';
import type { ShownVm, VmColumn } from './columns.ts';

/** For programs: nothing is shortened, sizes and times are plain numbers. */
export function vmCsv(
  columns: readonly VmColumn[],
  rows: readonly ShownVm[],
  { headers }: { readonly headers: boolean },
): readonly string[] {
  const lines = rows.map((row) => csvLine(columns.map(({ value }) => String(value(row) ?? ''))));
  return headers ? [csvLine(columns.map(({ key }) => key)), ...lines] : lines;
}

/** By the values of a column, those without one last; else by name. */
export function sortedBy<Row extends ShownVm>(
  column: VmColumn,
  isDescending: boolean,
  rows: readonly Row[],
): readonly Row[] {
  const order = column.order ?? column.value;
  return rows.toSorted((a, b) => {
    const [left, right] = [order(a), order(b)];
    if (left === right) return a.name < b.name ? -1 : 1;
    if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
    return left < right === isDescending ? 1 : -1;
  });
}
