import type { Domain } from '../../hypervisor/domain.ts';
import type { VmContext } from '../../vm/context.ts';
import { selectVms } from '../../vm/list/select.ts';
import type { SelectedVm, Selection } from '../../vm/list/select.ts';
import type { Changed } from '../../vm/lifecycle/power.ts';
import type { Environment } from '../environment.ts';
import type { Settings } from '../settings/settings.ts';
import { DONE, runBatch } from './batch.ts';
import type { BatchFormat, Task } from './batch.ts';
import { runWorkflow } from './session.ts';

/** VMs that are worked on at the same time: a stop waits for its guest, a start for its QEMU. */
const AT_ONCE = 16;

/** Something that is done to each VM of a selection. */
export interface EachVm {
  readonly action: keyof typeof DONE;
  readonly selection: Selection;
  readonly format: BatchFormat;
  /** VMs that are worked on at the same time, where not the usual number. */
  readonly atOnce?: number;
  /** Of what is done to a snapshot. */
  readonly snapshot?: string;
  /** Before anything is begun. @throws PlowError, Interrupted */
  readonly before?: (vms: readonly SelectedVm[], context: VmContext) => Promise<void>;
  /** @param isNamed by its name or UUID, and not by a pattern, a tag or `--all` */
  readonly change: (domain: Domain, context: VmContext, isNamed: boolean) => Promise<Changed>;
}

/**
 * Changes the VMs that were selected, several at once, and tells what came of each.
 * @throws PlowError, Interrupted
 */
export async function changeEachVm(
  { action, selection, format, atOnce = AT_ONCE, snapshot, before, change }: EachVm,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const reaction = 'stopping here; run the same command again to go on';
  await runWorkflow(settings, environment, reaction, async (context, pause) => {
    const vms = await selectVms(selection, context.hypervisor);
    if (vms.length === 0) context.progress.note('there is no VM');
    await before?.(vms, context);
    const about = snapshot === undefined ? {} : { snapshot };
    const tasks = vms.map(({ name, uuid, isNamed, find }): Task => ({
      name,
      known: { uuid, ...about },
      run: async (ownContext) => {
        using domain = await find();
        const changed = await change(domain, ownContext, isNamed);
        const status = changed === 'changed' ? DONE[action] : 'unchanged';
        return { name: domain.name, uuid: domain.uuid, status, addresses: [], left: [], ...about };
      },
    }));
    const how = { action, format, atOnce, verbose: settings.verbose, pause } as const;
    await runBatch(tasks, how, context, environment);
  });
}
