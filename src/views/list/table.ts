import { csvLine } from '../../terminal/csv.ts';
import { sortedByValue } from '../sorted-rows.ts';
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
  return sortedByValue(column.order ?? column.value, isDescending, rows);
}
