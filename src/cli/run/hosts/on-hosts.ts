import type { VmContext } from '../../../vm/context.ts';
import type { SelectedVm, Selection } from '../../../vm/list/select.ts';
import type { Environment } from '../../environment.ts';
import type { Settings } from '../../settings/settings.ts';
import { Batch } from '../batch/batch.ts';
import type { BatchOptions } from '../batch/batch.ts';
import type { LostHost } from '../batch/batch-words.ts';
import { makeProgress } from '../session.ts';
import type { Task } from '../batch/task.ts';
import { absentOn, hasBareNames, missingWords, selectOnAll, selectOnHost } from './vms-of-hosts.ts';
import type { OnHost } from './vms-of-hosts.ts';
import { lostWith, withHosts } from './with-hosts.ts';
import type { HostAtWork } from './with-hosts.ts';

/** VMs that are worked on at the same time on all hosts. */
const OVERALL = 64;

/** Something that is done to VMs of several hosts. */
export interface WorkOnHosts extends Omit<BatchOptions, 'pause' | 'verbose'> {
  readonly reaction: string;
  readonly selection: Selection;
  /** Before anything is begun, of all hosts that answered. @throws PlowError, Interrupted */
  readonly before?: ((chosen: readonly OnHost[], lost: readonly LostHost[]) => Promise<void>) | undefined;
  readonly tasksOf: (vms: readonly SelectedVm[], context: VmContext, settings: Settings) => readonly Task[];
}

/**
 * Works on the VMs that are meant on several hosts. A host begins as soon as it has answered, unless all have
 * to say first whether they have a VM of some name; one that does not answer keeps none of the others.
 * @throws PlowError, Interrupted
 */
export async function runOnHosts(
  { reaction, selection, before, tasksOf, overall = OVERALL, ...options }: WorkOnHosts,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const verbose = all[0]?.verbose === true;
  const { progress, stop } = await makeProgress(environment, { verbose });
  const work = async (hosts: readonly HostAtWork[], signal: AbortSignal): Promise<void> => {
    const how = { ...options, overall, verbose, pause: stop };
    const batch = new Batch(how, { signal, progress }, environment, true);
    const run = ({ host, context, vms }: OnHost): Promise<void> =>
      batch.run(tasksOf(vms, context, host.settings), context, host.name);
    const isApart = before === undefined && !hasBareNames(selection, hosts);
    const chosen = await (isApart ? asTheyCome : together)({ selection, before, hosts, run, batch, signal });
    const isDone = chosen.length > 0 && !signal.aborted;
    if (isDone && chosen.every(({ vms }) => vms.length === 0)) progress.note('there is no VM');
    const answered = new Set(chosen.map(({ host }) => host));
    const missing = selection.mayBeNone === true ? undefined : missingWords(selection, chosen, hosts);
    batch.end(missing, signal.aborted ? hosts.filter((host) => !answered.has(host)) : []);
  };
  try {
    await withHosts(withoutTwins(all, selection), { reaction, progress }, environment, work);
  } finally {
    stop();
  }
}

/** One hypervisor under two names is worked on once, unless a word names the other. */
function withoutTwins(all: readonly Settings[], { words }: Selection): readonly Settings[] {
  const isNamed = ({ host }: Settings): boolean => words.some((word) => word.startsWith(`${host}:`));
  return all.filter((one, index) => isNamed(one) || all.findIndex(({ uri }) => uri === one.uri) === index);
}

interface Under extends Pick<WorkOnHosts, 'selection' | 'before'> {
  readonly hosts: readonly HostAtWork[];
  readonly run: (one: OnHost) => Promise<void>;
  readonly batch: Batch;
  readonly signal: AbortSignal;
}

async function asTheyCome({ selection, hosts, run, batch, signal }: Under): Promise<readonly OnHost[]> {
  const chosen = hosts.map(async (host) => {
    try {
      const one = await selectOnHost(selection, host, hosts);
      await run(one);
      return [one];
    } catch (error) {
      if (!signal.aborted) batch.lose(lostWith(host.name, error));
      return [];
    }
  });
  return (await Promise.all(chosen)).flat();
}

async function together({ selection, before, hosts, run, batch }: Under): Promise<readonly OnHost[]> {
  const { chosen, lost, nowhere } = await selectOnAll(selection, hosts);
  for (const one of lost) batch.lose(one);
  await before?.(chosen, lost);
  const absent = nowhere.map((word) => absentTask(word, chosen, selection.mayBeNone === true));
  const [first] = chosen;
  await Promise.all([
    ...chosen.map(run),
    ...(first === undefined || absent.length === 0 ? [] : [batch.run(absent, first.context)]),
  ]);
  return chosen;
}

/** For a name that no host knows. */
function absentTask(name: string, chosen: readonly OnHost[], mayBeNone: boolean): Task {
  const absent = absentOn(
    name,
    chosen.map(({ host }) => host),
  );
  return {
    name,
    run: async ({ progress }) => {
      if (!mayBeNone) throw absent;
      progress.note(absent.message);
      return { name, uuid: null, status: 'absent', addresses: [], left: [] };
    },
  };
}
