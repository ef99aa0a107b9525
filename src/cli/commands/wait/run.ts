import type { Selection } from '../../../vm/list/select.ts';
import type { Condition } from '../../../vm/wait/evidence.ts';
import { selectVms } from '../../../vm/list/select.ts';
import { WAIT_MS } from '../../../vm/wait/wait.ts';
import type { Environment } from '../../environment.ts';
import { runBatch } from '../../run/batch/batch.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { runWorkflow } from '../../run/session.ts';
import { waitTask } from '../../run/wait-task.ts';
import type { Settings } from '../../settings/settings.ts';

interface WaitCall {
  readonly selection: Selection;
  readonly condition: Condition;
  readonly withinMs: number | undefined;
  readonly format: BatchFormat;
}

/** `plow wait [vm-name...]` @throws PlowError, Interrupted */
export async function runWait(
  { selection, condition, withinMs = WAIT_MS, format }: WaitCall,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  await runWorkflow(settings, environment, 'stopping here', async (context, pause) => {
    const vms = await selectVms(selection, context.hypervisor);
    if (vms.length === 0) context.progress.note('there is no VM');
    const tasks = vms.map((vm) => waitTask(vm, { condition, withinMs }));
    const { verbose } = settings;
    // One that waits does next to nothing: all of them have the same time.
    const how = { action: 'wait', format, atOnce: tasks.length, verbose, pause } as const;
    await runBatch(tasks, how, context, environment);
  });
}
