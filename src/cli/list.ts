import { nearest } from '../config/nearest.ts';
import { quote } from '../config/show.ts';
import { PlowError } from '../errors/plow-error.ts';
import { withoutPassword } from '../errors/without-password.ts';
import { printable } from '../terminal/printable.ts';
import { TABLE_COLUMNS, vmColumns, WIDE_COLUMNS } from '../terminal/vm-columns.ts';
import type { VmColumn } from '../terminal/vm-columns.ts';
import { sortedBy, vmCsv, vmTable } from '../terminal/vm-table.ts';
import { explaining } from '../vm/failure.ts';
import type { Hypervisor } from '../vm/hypervisor.ts';
import { listNames, listVms } from '../vm/list.ts';
import type { VmRow } from '../vm/list.ts';
import type { Environment } from './environment.ts';
import { filtered, parseFilter } from './list-filters.ts';
import type { Filter } from './list-filters.ts';
import { withHypervisor } from './session.ts';
import type { Settings } from './settings.ts';

export interface ListOptions {
  readonly all?: boolean;
  readonly output: 'table' | 'wide' | 'json' | 'yaml' | 'name' | 'csv';
  /** Names of columns with commas between them. */
  readonly columns?: string;
  /** Name of a column, behind a minus for the other way round. */
  readonly sort?: string;
  readonly filter?: readonly string[];
  /** False for `--no-headers`. */
  readonly headers: boolean;
}

/** `plow list` */
export async function runList(
  options: ListOptions,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const view = listView(options, settings, environment);
  const lines = await withHypervisor(settings, environment, view);
  for (const line of lines) environment.output.print(line);
}

/** What makes the lines of a list, and says where there is nothing. @throws PlowError (config) for a mistake in the options */
function listView(
  options: ListOptions,
  settings: Settings,
  environment: Environment,
): (hypervisor: Hypervisor) => Promise<readonly string[]> {
  const plan = planOf(options);
  return async (hypervisor) => {
    if (plan.namesOnly) {
      const names = await explained(listNames(hypervisor, plan));
      sayWhenNone(names.length, plan, environment);
      return names.map((name) => nameLine(name, environment));
    }
    const found = filtered(await explained(listVms(hypervisor, plan)), plan.filters);
    const rows = plan.sort === undefined ? found : sortedBy(plan.sort.column, plan.sort.isDescending, found);
    sayWhenNone(rows.length, plan, environment);
    return linesOf(rows, plan, settings, environment);
  };
}

interface Plan {
  readonly output: ListOptions['output'];
  readonly all: boolean;
  readonly detail: 'table' | 'all';
  readonly namesOnly: boolean;
  readonly columns: readonly VmColumn[];
  readonly isSeedsTable: boolean;
  readonly sort: { readonly column: VmColumn; readonly isDescending: boolean } | undefined;
  readonly filters: readonly Filter[];
  readonly headers: boolean;
}

function planOf({ all = false, output, columns, sort, filter = [], headers }: ListOptions): Plan {
  const known = vmColumns(new Date());
  if (columns !== undefined && !['table', 'wide', 'csv'].includes(output)) {
    throw new PlowError('config', `--columns goes with -o table, wide or csv, not with ${output}`);
  }
  const named = columns?.split(',').map((name) => columnNamed(name.trim(), known));
  const byDefault = output === 'table' ? TABLE_COLUMNS : WIDE_COLUMNS;
  const shown = named ?? byDefault.map((name) => columnNamed(name, known));
  const filters = filter.map(parseFilter);
  const isDescending = sort?.startsWith('-') === true;
  const sortColumn = sort === undefined ? undefined : columnNamed(sort.replace(/^-/u, ''), known);
  const isDocument = output === 'json' || output === 'yaml';
  const looked = [...(output === 'name' || isDocument ? [] : shown), ...(sortColumn ? [sortColumn] : [])];
  const isCostly =
    isDocument ||
    looked.some(({ costly }) => costly) ||
    filters.some(({ key }) => key === 'bridge' || key === 'image');
  return {
    output,
    // A VM in the state that was asked for is not left out because it does not run.
    all: all || filters.some(({ key }) => key === 'state'),
    detail: isCostly ? 'all' : 'table',
    namesOnly: output === 'name' && filters.length === 0 && sortColumn === undefined,
    columns: shown,
    isSeedsTable: output === 'table' && named === undefined,
    sort: sortColumn && { column: sortColumn, isDescending },
    filters,
    headers,
  };
}

function columnNamed(name: string, known: readonly VmColumn[]): VmColumn {
  const found = known.find((column) => column.name === name);
  if (found !== undefined) return found;
  const names = known.map((column) => column.name);
  const near = nearest(name, names);
  const meant = near === undefined ? '' : `; did you mean ${quote(near)}?`;
  throw new PlowError('config', `there is no column ${quote(name)}${meant}`, {
    hint: `columns: ${names.join(', ')}`,
  });
}

function explained<T>(work: Promise<T>): Promise<T> {
  return explaining(work, 'operation', 'cannot list the VMs');
}

async function linesOf(
  rows: readonly VmRow[],
  plan: Plan,
  settings: Settings,
  environment: Environment,
): Promise<readonly string[]> {
  const { output } = environment;
  if (plan.output === 'name') return rows.map(({ name }) => nameLine(name, environment));
  if (plan.output === 'csv') {
    const lines = vmCsv(plan.columns, rows, plan);
    return output.interactive ? lines.map(printable) : lines;
  }
  if (plan.output === 'json' || plan.output === 'yaml') {
    const { documentText } = await import('../terminal/document.ts');
    const { listDocument } = await import('../terminal/vm-document.ts');
    return [documentText(listDocument(withoutPassword(settings.uri), rows), plan.output)];
  }
  return vmTable(plan.columns, rows, {
    width: widthOf(environment),
    headers: plan.headers,
    paint: output.color ? (await import('../terminal/colours.ts')).paint : undefined,
    numbersLeft: plan.isSeedsTable,
  });
}

/** Undefined in a pipe, where nothing is shortened, and for a terminal that does not know its width and says 0. */
function widthOf({ output, columns }: Environment): number | undefined {
  return output.interactive && columns !== 0 ? columns : undefined;
}

function nameLine(name: string, { output }: Environment): string {
  return output.interactive ? printable(name) : name;
}

function sayWhenNone(count: number, { all, filters }: Plan, { output }: Environment): void {
  if (count > 0) return;
  if (filters.length > 0)
    output.say(all ? 'no VM matches' : 'no VM that runs matches (plow list --all looks at all)');
  else output.say(all ? 'no VMs' : 'no VM is running (plow list --all shows all)');
}
