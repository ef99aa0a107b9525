import { bytesText } from '../../text/quantities.ts';
import { printable } from '../../text/printable.ts';
import { NONE } from '../../terminal/table.ts';
import type { Column } from '../../terminal/table.ts';
import type { TopRow } from '../../vm/top/rates.ts';
import { sortedByValue } from '../sorted-rows.ts';
import { stateColour } from '../state-colour.ts';

/** By what the rows can be sorted, and the key for it. The letters of CPU and memory are those of top. */
export const SORTS = {
  cpu: { key: 'P', of: ({ cpuPercent }) => cpuPercent },
  memory: { key: 'M', of: ({ memory }) => memory.usedBytes ?? memory.givenBytes },
  disk: { key: 'D', of: ({ read, written }) => plus(read, written) },
  net: { key: 'N', of: ({ received, sent }) => plus(received, sent) },
  name: { key: 'A', of: ({ name }) => name },
} as const satisfies Record<string, { readonly key: string; readonly of: (row: TopRow) => Value }>;

export type SortName = keyof typeof SORTS;
export const SORT_NAMES: readonly SortName[] = ['cpu', 'memory', 'disk', 'net', 'name'];

type Value = string | number | undefined;

function plus(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
}

/** The most first, names from A on; what is not told last; then by name. */
export function sortedRows(rows: readonly TopRow[], by: SortName, isReversed = false): readonly TopRow[] {
  // Of numbers the most comes first, of names the first.
  return sortedByValue(SORTS[by].of, (by !== 'name') !== isReversed, rows);
}

/** @param hasHosts several hypervisors are asked */
export function topColumns(hasHosts: boolean): readonly Column<TopRow>[] {
  const host: Column<TopRow> = {
    title: 'HOST',
    rank: 2,
    cutTo: 8,
    text: (row) => printable(row.host ?? NONE),
  };
  return [
    { title: 'NAME', text: ({ name }) => printable(name) },
    ...(hasHosts ? [host] : []),
    { title: 'STATE', rank: 5, text: ({ state }) => state, colour: ({ state }) => stateColour(state) },
    { title: 'CPU %', rank: 1, minWidth: 5, text: ({ cpuPercent }) => numberText(cpuPercent) },
    { title: 'USED', rank: 3, minWidth: 8, text: ({ memory }) => sizeText(memory.usedBytes) },
    { title: 'MEMORY', rank: 4, minWidth: 8, text: ({ memory }) => sizeText(memory.givenBytes) },
    { title: 'READ/s', rank: 8, minWidth: 8, text: ({ read }) => sizeText(read) },
    { title: 'WRITTEN/s', rank: 9, minWidth: 8, text: ({ written }) => sizeText(written) },
    { title: 'RECEIVED/s', rank: 6, minWidth: 8, text: ({ received }) => sizeText(received) },
    { title: 'SENT/s', rank: 7, minWidth: 8, text: ({ sent }) => sizeText(sent) },
  ];
}

function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? NONE : bytesText(Math.round(bytes));
}

function numberText(value: number | undefined): string {
  return value === undefined ? NONE : value.toFixed(1);
}
