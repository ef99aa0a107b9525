import { selectVms } from '../../../vm/list/select.ts';
import type { Selection } from '../../../vm/list/select.ts';
import { resizeVm } from '../../../vm/resize/resize.ts';
import type { NewSize } from '../../../vm/resize/resize.ts';
import type { Environment } from '../../environment.ts';
import { DONE, runBatch } from '../../run/batch.ts';
import type { BatchFormat, Task } from '../../run/batch.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** VMs that are worked on at the same time. */
const AT_ONCE = 16;

/** `plow resize` @throws PlowError, Interrupted */
export async function runResize(
  size: NewSize,
  selection: Selection,
  format: BatchFormat,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const reaction = 'stopping here; run the same command again to go on';
  await runWorkflow(settings, environment, reaction, async (context, pause) => {
    const vms = await selectVms(selection, context.hypervisor);
    if (vms.length === 0) context.progress.note('there is no VM');
    const tasks = vms.map(({ name, uuid, find }): Task => ({
      name,
      known: { uuid },
      run: async (ownContext) => {
        using domain = await find();
        const changed = await resizeVm(domain, ownContext, size);
        const status = changed === 'changed' ? DONE.resize : 'unchanged';
        return { name: domain.name, uuid: domain.uuid, status, addresses: [], left: [] };
      },
    }));
    const { verbose } = settings;
    await runBatch(
      tasks,
      { action: 'resize', format, atOnce: AT_ONCE, verbose, pause },
      context,
      environment,
    );
  });
}
