import { jsonDocument } from '../../../documents/json-text.ts';
import { destroyPlanDocument, destroyPlanLines } from '../../../views/plan/destroy.ts';
import { planDestroy } from '../../../vm/destroy/plan.ts';
import { selectVms } from '../../../vm/list/select.ts';
import type { Selection } from '../../../vm/list/select.ts';
import type { Environment } from '../../environment.ts';
import { runReport } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

export interface PlanOptions {
  readonly isJson: boolean;
  readonly ifExists: boolean;
  readonly keepsData: boolean;
  readonly dropsTpm: boolean;
}

/**
 * `plow destroy --plan`: of each VM as if it were the only one.
 * @param ifExists VMs that do not exist are passed over
 * @throws PlowError, Interrupted
 */
export async function runPlan(
  selection: Selection,
  { isJson, ifExists, ...how }: PlanOptions,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  await runReport(settings, environment, 'stopping here', async (context) => {
    const vms = await selectVms({ ...selection, mayBeNone: ifExists }, context.hypervisor);
    for (const { uuid, find } of vms) {
      context.signal.throwIfAborted();
      if (uuid === null && ifExists) continue;
      using domain = await find();
      const plan = await planDestroy(domain, context, how);
      if (isJson) output.print(jsonDocument(destroyPlanDocument(plan), 'line'));
      else for (const line of destroyPlanLines(plan)) output.print(line);
    }
    if (!isJson) output.say('plan: nothing was touched');
  });
}
