import { printable } from '../terminal/printable.ts';
import type { Environment } from './environment.ts';
import type { OutsideFiles } from './outside-files-option.ts';
import { runWorkflow, whileConnecting } from './session.ts';
import type { Settings } from './settings.ts';

/** `plow create <config.yaml>` */
export async function runCreate(
  file: string,
  outside: OutsideFiles,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const [{ readMachineFile }, { vmFileReader }] = await Promise.all([
    import('../config/load.ts'),
    import('./vm-files.ts'),
  ]);
  const loaded = await readMachineFile(file, settings, vmFileReader(settings, outside));
  for (const warning of loaded.warnings) environment.output.say(`warning: ${printable(warning)}`);
  const loading = whileConnecting(() => import('../vm/create.ts'));
  await runWorkflow(settings, environment, 'taking back what was made', async (context) =>
    (await loading).createVm(loaded, context),
  );
}
