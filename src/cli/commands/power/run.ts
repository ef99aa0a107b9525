import type { Domain } from '../../../hypervisor/domain.ts';
import type { VmContext } from '../../../vm/context.ts';
import { selectVms } from '../../../vm/list/select.ts';
import type { SelectedVm, Selection } from '../../../vm/list/select.ts';
import {
  autostartVm,
  restartVm,
  resumeVm,
  SHUTDOWN_MS,
  startVm,
  stopVm,
  suspendVm,
} from '../../../vm/lifecycle/power.ts';
import type { Changed } from '../../../vm/lifecycle/power.ts';
import type { Environment } from '../../environment.ts';
import { DONE, runBatch } from '../../run/batch.ts';
import type { BatchFormat, Task } from '../../run/batch.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** VMs that are worked on at the same time: a stop waits for its guest, a start for its QEMU. */
const AT_ONCE = 16;

export type Power =
  | { readonly action: 'start' }
  | { readonly action: 'suspend' }
  | { readonly action: 'resume' }
  | {
      readonly action: 'stop' | 'restart';
      readonly withinMs: number | undefined;
      readonly isForced: boolean;
    }
  | { readonly action: 'autostart'; readonly on: boolean };

/** `plow start`, `stop`, `restart`, `suspend`, `resume`, `autostart` @throws PlowError, Interrupted */
export async function runPower(
  power: Power,
  selection: Selection,
  format: BatchFormat,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const reaction = 'stopping here; run the same command again to go on';
  await runWorkflow(settings, environment, reaction, async (context, pause) => {
    const vms = await selectVms(selection, context.hypervisor);
    if (vms.length === 0) context.progress.note('there is no VM');
    const tasks = vms.map((vm) => taskOf(vm, power));
    const { verbose } = settings;
    await runBatch(
      tasks,
      { action: power.action, format, atOnce: AT_ONCE, verbose, pause },
      context,
      environment,
    );
  });
}

function taskOf({ name, uuid, isNamed, find }: SelectedVm, power: Power): Task {
  return {
    name,
    known: { uuid },
    run: async (context) => {
      using domain = await find();
      const changed = await change(domain, context, power, isNamed);
      const status = changed === 'changed' ? DONE[power.action] : 'unchanged';
      return { name: domain.name, uuid: domain.uuid, status, addresses: [], left: [] };
    },
  };
}

function change(domain: Domain, context: VmContext, power: Power, isNamed: boolean): Promise<Changed> {
  if (power.action === 'start') return startVm(domain, context);
  if (power.action === 'suspend') return suspendVm(domain, context, isNamed);
  if (power.action === 'resume') return resumeVm(domain, context, isNamed);
  if (power.action === 'autostart') return autostartVm(domain, context, power.on);
  const { action, isForced, withinMs = SHUTDOWN_MS } = power;
  const options = { isForced, withinMs };
  return action === 'stop' ? stopVm(domain, context, options) : restartVm(domain, context, options);
}
