import { planJson, planLines } from '../terminal/plan-text.ts';
import { printable } from '../terminal/printable.ts';
import { planVm } from '../vm/plan.ts';
import type { Environment } from './environment.ts';
import type { OutsideFiles } from './outside-files-option.ts';
import { runReport } from './session.ts';
import type { Settings } from './settings.ts';
import { vmFileReader } from './vm-files.ts';

export interface DryRunOptions extends OutsideFiles {
  readonly showSecrets: boolean;
  readonly json: boolean;
}

/** `plow create --dry-run`: over a connection on which the server itself refuses every change. */
export async function runDryRun(
  file: string,
  { showSecrets, json, ...outside }: DryRunOptions,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  const { readMachineFile } = await import('../config/load.ts');
  const loaded = await readMachineFile(file, settings, vmFileReader(settings, outside));
  for (const warning of loaded.warnings) output.say(`warning: ${printable(warning)}`);
  const plan = await runReport(
    settings,
    environment,
    'stopping here',
    (context) => planVm(loaded, context),
    true,
  );
  if (json) output.print(planJson(plan, showSecrets));
  else for (const line of planLines(plan, showSecrets)) output.print(line);
  output.say(
    `dry run: all checks passed, nothing was made; without --dry-run this creates VM '${plan.name}'`,
  );
}
