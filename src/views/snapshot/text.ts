import { renderTable } from '../../terminal/table.ts';
import type { Column, TableLook } from '../../terminal/table.ts';
import { printable } from '../../text/printable.ts';
import type { ListedSnapshot } from '../../vm/snapshot/list.ts';

/** A snapshot of a VM. */
export interface SnapshotOfVm {
  readonly vm: string;
  readonly snapshot: ListedSnapshot;
}

interface Row extends SnapshotOfVm {
  readonly depth: number;
}

const VM: Column<Row> = { title: 'VM', cutTo: 12, text: ({ vm }) => printable(vm) };

const COLUMNS: readonly Column<Row>[] = [
  {
    title: 'NAME',
    cutTo: 16,
    text: ({ depth, snapshot: { name, isCurrent } }) =>
      `${depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `}${printable(name)}${isCurrent ? ' *' : ''}`,
  },
  { title: 'CREATED', rank: 1, text: ({ snapshot: { createdAt } }) => timeOf(createdAt) },
  {
    title: 'REVERT',
    cutTo: 12,
    text: ({ snapshot: { obstacle } }) => (obstacle === undefined ? 'yes' : `no: ${printable(obstacle)}`),
    colour: ({ snapshot: { obstacle } }) => (obstacle === undefined ? 'green' : 'red'),
  },
  {
    title: 'DESCRIPTION',
    cutTo: 12,
    rank: 2,
    text: ({ snapshot: { description } }) => printable(description ?? '-'),
  },
];

/** A line for each, below the one that it stands on; `*` marks the one that the VM came from last. */
export function snapshotLines(
  snapshots: readonly SnapshotOfVm[],
  look: TableLook,
  namesVms: boolean,
): readonly string[] {
  const columns = namesVms ? [VM, ...COLUMNS] : COLUMNS;
  const vms = [...new Set(snapshots.map(({ vm }) => vm))];
  const rows = vms.flatMap((vm) =>
    rowsOf(snapshots.filter((one) => one.vm === vm).map(({ snapshot }) => snapshot)).map((row) => ({
      ...row,
      vm,
    })),
  );
  return renderTable(columns, rows, look).lines;
}

function rowsOf(snapshots: readonly ListedSnapshot[]): readonly Omit<Row, 'vm'>[] {
  const names = new Set(snapshots.map(({ name }) => name));
  const seen = new Set<string>();
  const below = (parent: string | undefined, depth: number): readonly Omit<Row, 'vm'>[] =>
    snapshots
      .filter(({ parent: own }) => (own !== undefined && names.has(own) ? own : undefined) === parent)
      .flatMap((snapshot) => {
        if (seen.has(snapshot.name)) return [];
        seen.add(snapshot.name);
        return [{ depth, snapshot }, ...below(snapshot.name, depth + 1)];
      });
  return below(undefined, 0);
}

/** All about one. @param vm undefined: it is not named */
export function snapshotPage(snapshot: ListedSnapshot, vm?: string): readonly string[] {
  const { name, description, createdAt, parent, isCurrent, obstacle, disks } = snapshot;
  return [
    ...(vm === undefined ? [] : [`vm           ${printable(vm)}`]),
    `name         ${printable(name)}${isCurrent ? ' (current)' : ''}`,
    ...(description === undefined ? [] : [`description  ${printable(description)}`]),
    `created      ${timeOf(createdAt)}`,
    `after        ${parent === undefined ? '-' : printable(parent)}`,
    `revert       ${obstacle === undefined ? 'yes' : `no: ${printable(obstacle)}`}`,
    ...disks.flatMap(({ target, files }) =>
      files.map(
        (file, depth) => `${(depth === 0 ? printable(target) : '  on').padEnd(13)}${printable(file)}`,
      ),
    ),
  ];
}

/** `2026-11-27 11:26:51Z` */
function timeOf(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
