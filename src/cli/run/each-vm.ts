import type { Domain } from '../../hypervisor/domain.ts';
import type { Changed } from '../../vm/lifecycle/power.ts';
import type { VmContext } from '../../vm/context.ts';
import { selectVms } from '../../vm/list/select.ts';
import type { SelectedVm, Selection } from '../../vm/list/select.ts';
import type { Environment } from '../environment.ts';
import type { Settings } from '../settings/settings.ts';
import { DONE } from './batch/actions.ts';
import { runBatch } from './batch/batch.ts';
import type { BatchFormat } from './batch/batch.ts';
import type { OnHost } from './hosts/vms-of-hosts.ts';
import type { GuardOf } from './address-guard.ts';
import type { WorkOnHosts } from './hosts/on-hosts.ts';
import { areSeveral } from './hosts/several.ts';
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
  /** Of the host that a VM is on, where it gets addresses. */
  readonly guardOf?: GuardOf;
  /** Before anything is begun, of each host. @throws PlowError, Interrupted */
  readonly before?: (vms: readonly SelectedVm[], context: VmContext) => Promise<void>;
  /** @param isNamed by its name or UUID, and not by a pattern, a tag or `--all` */
  readonly change: (domain: Domain, context: VmContext, isNamed: boolean) => Promise<Changed>;
}

const REACTION = 'stopping here; run the same command again to go on';

/**
 * Changes the VMs that were selected, several at once, and tells what came of each.
 * @param all the hosts that are meant, one at least
 * @throws PlowError, Interrupted
 */
export async function changeEachVm(
  each: EachVm,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const { action, selection, format, atOnce = AT_ONCE, before } = each;
  const how = { action, format, atOnce } as const;
  const [settings] = all;
  if (settings === undefined) throw new Error('there is one host at least');
  if (areSeveral(all)) {
    const { runOnHosts } = await import('./hosts/on-hosts.ts');
    const beforeAll = async (chosen: readonly OnHost[]): Promise<void> => {
      for (const { host, vms, context } of chosen)
        await before?.(
          vms.map((vm) => ({ ...vm, name: `${host.name}:${vm.name}` })),
          context,
        );
    };
    const asked = before === undefined ? {} : { before: beforeAll };
    const work = { ...how, ...asked, reaction: REACTION, selection, tasksOf: tasksOf(each) };
    return runOnHosts(work, all, environment);
  }
  await runWorkflow(settings, environment, REACTION, async (context, pause) => {
    const vms = await selectVms(selection, context.hypervisor);
    if (vms.length === 0) context.progress.note('there is no VM');
    await before?.(vms, context);
    const options = { ...how, verbose: settings.verbose, pause };
    await runBatch(tasksOf(each)(vms, context, settings), options, context, environment);
  });
}

function tasksOf({ action, snapshot, change, guardOf }: EachVm): WorkOnHosts['tasksOf'] {
  const about = snapshot === undefined ? {} : { snapshot };
  const guarded = (context: VmContext, settings: Settings): VmContext =>
    guardOf === undefined ? context : { ...context, guard: guardOf(settings) };
  return (vms, _, settings) =>
    vms.map(({ name, uuid, isNamed, find }) => ({
      name,
      known: { uuid, ...about },
      run: async (context) => {
        using domain = await find();
        const changed = await change(domain, guarded(context, settings), isNamed);
        const status = changed === 'changed' ? DONE[action] : 'unchanged';
        return { name: domain.name, uuid: domain.uuid, status, addresses: [], left: [], ...about };
      },
    }));
}
