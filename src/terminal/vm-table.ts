import type { VmRow } from '../vm/list.ts';
import { printable } from './printable.ts';
import { renderTable } from './table.ts';
import type { Column } from './table.ts';

const KIB_PER_MIB = 1024;
const KIB_PER_GIB = 1024 * 1024;

type Shown = Pick<VmRow, 'name' | 'state' | 'vcpus' | 'memoryKib' | 'address'>;

const COLUMNS: readonly Column<Shown>[] = [
  { title: 'NAME', minWidth: 9, text: ({ name }) => printable(name) },
  { title: 'STATE', minWidth: 8, text: ({ state }) => state },
  { title: 'VCPUS', text: ({ vcpus }) => String(vcpus) },
  { title: 'MEMORY', text: ({ memoryKib }) => memoryText(memoryKib) },
  { title: 'IP ADDRESS', text: ({ address }) => printable(address ?? '-') },
];

/** The table of `plow list`. */
export function vmTable(rows: readonly Shown[]): readonly string[] {
  return renderTable(COLUMNS, rows);
}

function memoryText(kib: number): string {
  if (kib >= KIB_PER_GIB) return `${Number((kib / KIB_PER_GIB).toFixed(1))} GiB`;
  return `${Math.round(kib / KIB_PER_MIB)} MiB`;
}
