import type { Frame } from '../../../terminal/live-view.ts';
import { renderTable } from '../../../terminal/table.ts';
import { printable } from '../../../text/printable.ts';
import { sortedRows, topColumns } from '../../../views/top/columns.ts';
import type { SortName } from '../../../views/top/columns.ts';
import type { Environment } from '../../environment.ts';
import { tableLook } from '../../run/table-look.ts';
import { rowsOf } from './followed.ts';
import type { Followed } from './followed.ts';

/** How the rows stand. */
export interface Order {
  readonly sort: SortName;
  readonly reverse?: boolean;
}

/** What is shown of all hypervisors now. */
export async function frameOf(
  hosts: readonly Followed[],
  { sort, reverse }: Order,
  environment: Environment,
): Promise<Frame> {
  const isOfSeveral = hosts.length > 1;
  const rows = sortedRows(hosts.flatMap(rowsOf), sort, reverse);
  const { lines } = renderTable(topColumns(isOfSeveral), rows, await tableLook(environment));
  const told = hosts.flatMap(({ name, error, looks }): string[] => {
    const of = isOfSeveral ? `${name}: ` : '';
    if (error !== undefined) return [printable(`${of}${error.message}`)];
    if (looks.at(-1)?.isWhole === false)
      return [printable(`${of}a QEMU that hangs keeps memory and disks from being told`)];
    return [];
  });
  const none = rows.length === 0 && told.length === 0 ? ['no VM is running'] : [];
  const notes = [...told, ...none];
  return { lines, note: notes.length === 0 ? undefined : notes.join('\n') };
}
