import type { Environment } from './environment.ts';
import { runWorkflow, whileConnecting } from './session.ts';
import type { Settings } from './settings.ts';

/** `plow create <config.yaml>` */
export async function runCreate(file: string, settings: Settings, environment: Environment): Promise<void> {
  const { readMachineFile } = await import('../config/load.ts');
  const loaded = await readMachineFile(file, settings);
  for (const warning of loaded.warnings) environment.output.say(`warning: ${warning}`);
  const loading = whileConnecting(() => import('../vm/create.ts'));
  await runWorkflow(settings, environment, 'stopping', async (context) =>
    (await loading).createVm(loaded, context),
  );
  environment.output.accomplished(`VM '${loaded.machine.name}' was created`);
}
