import { selectVms } from '../../../vm/list/select.ts';
import type { SelectedVm, Selection } from '../../../vm/list/select.ts';
import { protectVm } from '../../../vm/protection/protect.ts';
import type { Environment } from '../../environment.ts';
import { DONE, runBatch } from '../../run/batch.ts';
import type { BatchFormat, Task } from '../../run/batch.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** VMs that are worked on at the same time: nothing is waited for but libvirt. */
const AT_ONCE = 16;

type Action = 'protect' | 'unprotect';

/** `plow protect` and `plow unprotect` @throws PlowError, Interrupted */
export async function runProtect(
  action: Action,
  selection: Selection,
  format: BatchFormat,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const reaction = 'stopping here; run the same command again to go on';
  await runWorkflow(settings, environment, reaction, async (context, pause) => {
    const vms = await selectVms(selection, context.hypervisor);
    if (vms.length === 0) context.progress.note('there is no VM');
    const tasks = vms.map((vm) => taskOf(vm, action));
    const how = { action, format, atOnce: AT_ONCE, verbose: settings.verbose, pause } as const;
    await runBatch(tasks, how, context, environment);
  });
}

function taskOf({ name, uuid, find }: SelectedVm, action: Action): Task {
  return {
    name,
    known: { uuid },
    run: async (context) => {
      using domain = await find();
      const hasChanged = await protectVm(domain, context, action === 'protect');
      const status = hasChanged ? DONE[action] : 'unchanged';
      return { name: domain.name, uuid: domain.uuid, status, addresses: [], left: [] };
    },
  };
}
