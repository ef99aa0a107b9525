import { vmTable } from '../terminal/vm-table.ts';
import { explaining } from '../vm/failure.ts';
import { listVms } from '../vm/list.ts';
import type { Environment } from './environment.ts';
import { withHypervisor } from './session.ts';
import type { Settings } from './settings.ts';

/** `plow list [--all]` */
export async function runList(
  options: { readonly all: boolean },
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  const rows = await withHypervisor(settings, environment, (hypervisor) =>
    explaining(listVms(hypervisor, { ...options, detail: 'table' }), 'operation', 'cannot list the VMs'),
  );
  for (const line of vmTable(rows)) output.print(line);
  if (rows.length === 0) output.say(options.all ? 'no VMs' : 'no VM is running (plow list --all shows all)');
}
