import { NONE, renderTable } from '../../terminal/table.ts';
import type { Column, Table, TableLook } from '../../terminal/table.ts';
import { printable } from '../../text/printable.ts';
import { bytesText } from '../../text/quantities.ts';
import type { HostFacts } from '../../vm/hosts/facts.ts';
import type { ShownHost } from './document.ts';

const HEALTH = { ok: 'green', warning: 'yellow', failure: 'red' } as const;

const COLUMNS: readonly Column<ShownHost>[] = [
  { title: 'HOST', text: ({ name, uri }) => printable(name ?? uri) },
  {
    title: 'STATE',
    rank: 1,
    text: ({ error }) =>
      error === undefined ? 'up' : error.kind === 'connection' ? 'unreachable' : 'failed',
    colour: ({ error }) => (error === undefined ? 'green' : 'red'),
  },
  fact('DOCTOR', 2, ({ health }) => health, true),
  fact('VMS', 3, ({ runningVms, allVms }) => `${runningVms} of ${allVms} run`),
  fact('CPUS', 5, ({ cpus }) => cpus?.toString()),
  fact('MEMORY', 4, ({ memory }) => roomText(memory)),
  fact('STORAGE', 4, ({ storage }) => roomText(storage)),
  fact('LIBVIRT', 6, ({ libvirt }) => libvirt),
  fact('QEMU', 6, ({ qemu }) => qemu),
  { title: 'LABELS', rank: 7, text: ({ labels }) => printable(labels.join(',') || NONE) },
];

function fact(
  title: string,
  rank: number,
  value: (facts: HostFacts) => string | undefined,
  isHealth = false,
): Column<ShownHost> {
  return {
    title,
    rank,
    text: ({ facts }) => (facts === undefined ? NONE : (value(facts) ?? NONE)),
    colour: ({ facts }) => (isHealth && facts !== undefined ? HEALTH[facts.health] : undefined),
  };
}

/** `12 GiB free of 16 GiB` */
export function roomText(of: { totalBytes: number; availableBytes: number } | undefined): string | undefined {
  return of && `${bytesText(of.availableBytes)} free of ${bytesText(of.totalBytes)}`;
}

/** A line for each host. */
export function hostsTable(hosts: readonly ShownHost[], look: TableLook): Table {
  return renderTable(COLUMNS, hosts, look);
}
