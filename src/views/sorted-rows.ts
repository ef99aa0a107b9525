/** By a value of each, those without one last; else by name. */
export function sortedByValue<Row extends { readonly name: string }>(
  valueOf: (row: Row) => string | number | undefined,
  isDescending: boolean,
  rows: readonly Row[],
): readonly Row[] {
  return rows.toSorted((a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)];
    if (left === right) return a.name < b.name ? -1 : 1;
    if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
    return left < right === isDescending ? 1 : -1;
  });
}
