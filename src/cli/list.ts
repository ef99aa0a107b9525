import { withoutPassword } from '../errors/without-password.ts';
import { printable } from '../terminal/printable.ts';
import { sortedBy, vmCsv, vmTable } from '../terminal/vm-table.ts';
import { explaining } from '../vm/failure.ts';
import type { Hypervisor } from '../vm/hypervisor.ts';
import { listNames, listVms } from '../vm/list.ts';
import type { VmRow } from '../vm/list.ts';
import type { Environment } from './environment.ts';
import { filtered } from './list-filters.ts';
import { planList } from './list-plan.ts';
import type { ListOptions, ListPlan } from './list-plan.ts';
import { withHypervisor } from './session.ts';
import type { Settings } from './settings.ts';

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
  const plan = planList(options);
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

function explained<T>(work: Promise<T>): Promise<T> {
  return explaining(work, 'operation', 'cannot list the VMs');
}

async function linesOf(
  rows: readonly VmRow[],
  plan: ListPlan,
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

function sayWhenNone(count: number, { all, filters }: ListPlan, { output }: Environment): void {
  if (count > 0) return;
  if (filters.length > 0)
    output.say(all ? 'no VM matches' : 'no VM that runs matches (plow list --all looks at all)');
  else output.say(all ? 'no VMs' : 'no VM is running (plow list --all shows all)');
}
