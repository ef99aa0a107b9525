import { destroyVm } from '../vm/destroy.ts';
import type { Environment } from './environment.ts';
import { runWorkflow } from './session.ts';
import type { Settings } from './settings.ts';
import { checkVmName } from './vm-name.ts';

/** `plow destroy <vm-name>` */
export async function runDestroy(name: string, settings: Settings, environment: Environment): Promise<void> {
  checkVmName('destroy', name);
  const reaction = 'stopping here; the same command goes on from there';
  await runWorkflow(settings, environment, reaction, (context) => destroyVm(name, context));
  environment.output.accomplished(`VM '${name}' was destroyed`);
}
