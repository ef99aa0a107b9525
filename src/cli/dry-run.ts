import { planJson, planLines } from '../terminal/plan-text.ts';
import { countNotChecked, toldNotChecked } from '../vm/not-checked.ts';
import { planVm } from '../vm/plan.ts';
import type { Plan } from '../vm/plan.ts';
import type { Environment } from './environment.ts';
import { runReport } from './session.ts';
import type { Settings } from './settings.ts';

export interface DryRunOptions {
  readonly showSecrets: boolean;
  readonly json: boolean;
}

/** `plow create --dry-run`: over a connection on which the server itself refuses every change. */
export async function runDryRun(
  file: string,
  { showSecrets, json }: DryRunOptions,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  const { readMachineFile } = await import('../config/load.ts');
  const loaded = await readMachineFile(file, settings);
  for (const warning of loaded.warnings) output.say(`warning: ${warning}`);
  const plan = await runReport(
    settings,
    environment,
    'stopping here',
    (context) => planVm(loaded, context),
    true,
  );
  if (json) output.print(planJson(plan, showSecrets));
  else for (const line of planLines(plan, showSecrets)) output.print(line);
  if (settings.verbose) for (const one of plan.notChecked) output.say(toldNotChecked(one));
  output.say(`dry run: ${verdict(plan)}`);
}

/** Nothing is promised that nobody has looked at. */
function verdict({ name, notChecked }: Plan): string {
  const missing = countNotChecked(notChecked);
  return missing === undefined
    ? `all checks passed, nothing was made; without --dry-run this creates VM '${name}'`
    : `${missing}, the others passed; nothing was made`;
}
