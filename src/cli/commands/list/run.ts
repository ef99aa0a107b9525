import { withoutPassword } from '../../../text/secrets.ts';
import type { Frame } from '../../../terminal/live-view.ts';
import { escaped } from '../../../text/printable.ts';
import { renderTable } from '../../../terminal/table.ts';
import type { Table, TableLook } from '../../../terminal/table.ts';
import { sortedBy, vmCsv } from '../../../views/list/table.ts';
import type { Hypervisor } from '../../../hypervisor/hypervisor.ts';
import type { VmRow } from '../../../vm/list/list.ts';
import type { Environment } from '../../environment.ts';
import { filtered } from './filters.ts';
import { planList } from './plan.ts';
import type { ListOptions, ListPlan } from './plan.ts';
import { tableLook } from '../../run/table-look.ts';
import { LACKS_ADDRESSES } from '../../run/lacks.ts';
import { whileConnecting, withHypervisor } from '../../run/session.ts';
import type { Use } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow list` @returns the exit code */
export async function runList(
  options: ListOptions,
  settings: Settings,
  environment: Environment,
): Promise<number> {
  const { output } = environment;
  const plan = planList(options);
  void whileConnecting(loadWork);
  if (options.watch !== true) {
    await withHypervisor(
      settings,
      environment,
      async (hypervisor) => {
        const { lines, note } = await listed(hypervisor, plan, settings, environment);
        // Closing waits a second for a guest that does not answer: nobody needs to.
        for (const line of lines) output.print(line);
        if (note !== undefined) output.say(note);
      },
      readOnly(plan),
    );
    return 0;
  }
  const { watch } = await import('./watch.ts');
  const isForPrograms = plan.output === 'json' || plan.output === 'yaml';
  const frameOf = async (hypervisor: Hypervisor): Promise<Frame> => {
    // Ages are counted from now.
    const { lines, note } = await listed(hypervisor, planList(options), settings, environment);
    return { lines: plan.output === 'yaml' ? ['---', ...lines] : lines, note };
  };
  return watch(settings, environment, frameOf, isForPrograms, readOnly(plan));
}

/** For names nobody is asked anything. */
export function readOnly({ namesOnly }: ListPlan): Use {
  return namesOnly ? { lacks: undefined } : LACKS_ADDRESSES;
}

const loadWork = (): Promise<typeof import('../../../vm/list/list.ts')> => import('../../../vm/list/list.ts');

async function listed(
  hypervisor: Hypervisor,
  plan: ListPlan,
  settings: Settings,
  environment: Environment,
): Promise<Frame> {
  const { listNames } = await loadWork();
  if (plan.namesOnly) {
    const names = await listNames(hypervisor, plan);
    return { lines: names.map(escaped), note: noteOf(names.length, plan) };
  }
  const rows = await rowsOf(hypervisor, plan);
  const { lines, leftOut } = await drawn(rows, plan, settings, environment);
  return { lines, note: noteOf(rows.length, plan) ?? leftOutNote(leftOut) };
}

/** What a hypervisor has of what is asked for, sorted. @throws PlowError */
export async function rowsOf(hypervisor: Hypervisor, plan: ListPlan): Promise<readonly VmRow[]> {
  const { listVms } = await loadWork();
  const found = filtered(await listVms(hypervisor, plan), plan.filters);
  return plan.sort === undefined ? found : sortedBy(plan.sort.column, plan.sort.isDescending, found);
}

async function drawn(
  rows: readonly VmRow[],
  plan: ListPlan,
  settings: Settings,
  environment: Environment,
): Promise<Table> {
  if (plan.output === 'table' || plan.output === 'wide') {
    const told = plan.columnsIfTold.filter(({ value }) => rows.some((row) => value(row) !== undefined));
    return renderTable([...plan.columns, ...told], rows, await lookOf(plan, environment));
  }
  return { lines: await linesForPrograms(rows, plan, settings), leftOut: [] };
}

/** How a table is drawn here. */
export async function lookOf(plan: ListPlan, environment: Environment): Promise<TableLook> {
  return { ...(await tableLook(environment, plan.noTrunc)), headers: plan.headers };
}

async function linesForPrograms(
  rows: readonly VmRow[],
  plan: ListPlan,
  settings: Settings,
): Promise<readonly string[]> {
  if (plan.output === 'name') return rows.map(({ name }) => escaped(name));
  if (plan.output === 'csv') return vmCsv(plan.columns, rows, plan);
  const { documentText } = await import('../../../documents/serialize.ts');
  const { listDocument } = await import('../../../views/list/document.ts');
  const format = plan.output === 'yaml' ? 'yaml' : 'json';
  return [documentText(listDocument(withoutPassword(settings.uri), rows), format)];
}

export function leftOutNote(titles: readonly string[]): string | undefined {
  if (titles.length === 0) return undefined;
  return `left out, as the terminal is too narrow: ${titles.join(', ')} (--no-trunc shows all)`;
}

/** Not for programs, which see that there is none. */
export function noteOf(count: number, { all, filters, output }: ListPlan): string | undefined {
  if (count > 0 || (output !== 'table' && output !== 'wide')) return undefined;
  if (filters.length > 0)
    return all ? 'no VM matches' : 'no running VM matches (plow list --all looks at all)';
  return all ? 'no VMs' : 'no VM is running (plow list --all shows all)';
}
