import { quote } from '../config/show.ts';
import { PlowError } from '../errors/plow-error.ts';
import { destroyVm } from '../vm/destroy.ts';
import type { Environment } from './environment.ts';
import { runWorkflow } from './session.ts';
import type { Settings } from './settings.ts';

/** `plow destroy <vm-name>` */
export async function runDestroy(name: string, settings: Settings, environment: Environment): Promise<void> {
  if (name === '' || name.includes('\n')) {
    throw new PlowError('config', `destroy wants the name of a VM, got ${quote(name)}`, {
      hint: 'plow list --all shows the VMs there are',
    });
  }
  const reaction = 'stopping here; the same command goes on from there';
  await runWorkflow(settings, environment, reaction, (context) => destroyVm(name, context));
}
