import type { VmContext } from '../../../vm/context.ts';
import type { Environment } from '../../environment.ts';
import { Batch } from '../../run/batch/batch.ts';
import type { Task } from '../../run/batch/task.ts';
import { lostWith, withHosts } from '../../run/hosts/with-hosts.ts';
import type { HostAtWork } from '../../run/hosts/with-hosts.ts';
import { makeProgress } from '../../run/session.ts';
import { machinesOn } from './machines.ts';
import type { OfPlace } from './machines.ts';
import type { CreateOptions, TaskOf } from './options.ts';
import type { Uploads } from './uploads.ts';
import { waitTasks } from './wait.ts';
import type { Made } from './wait.ts';

/** VMs that are made at the same time: one on each host, as its CPUs and disks are the same for all. */
const OVERALL = 4;

interface MadeThere {
  readonly host: HostAtWork;
  readonly context: VmContext;
  readonly made: readonly Made[];
}

/**
 * Makes VMs on several hosts at the same time, on each one after the other. A host that is away keeps none of
 * the others.
 * @throws PlowError, Interrupted
 */
export async function createOnHosts(
  all: readonly OfPlace[],
  options: CreateOptions & { readonly uploads: Uploads | undefined },
  taskOf: TaskOf,
  environment: Environment,
): Promise<void> {
  const { format, condition, withinMs } = options;
  const verbose = all[0]?.settings.verbose === true;
  const { progress, stop } = await makeProgress(environment, { verbose });
  const how = { format, verbose, pause: stop } as const;
  const work = async (hosts: readonly HostAtWork[], signal: AbortSignal): Promise<void> => {
    const about = { signal, progress };
    const creating = new Batch(
      { ...how, action: 'create', atOnce: 1, overall: OVERALL },
      about,
      environment,
      true,
    );
    const makeOn = async (host: HostAtWork): Promise<readonly MadeThere[]> => {
      const made: Made[] = [];
      const tasks = machinesOn(host.settings, all).map((loaded): Task =>
        taskOf(loaded, options, (vm) => made.push(vm)),
      );
      try {
        const context = { ...(await host.context), guard: options.guardOf(host.settings) };
        await creating.run(tasks, context, host.name);
        return [{ host, context, made }];
      } catch (error) {
        if (signal.aborted) creating.leaveOut(tasks, host.name);
        else creating.lose(lostWith(host.name, error), tasks);
        return [];
      }
    };
    for (const { name, context } of hosts) options.guardOf.lend(name, context);
    const there = (await Promise.all(hosts.map(makeOn))).flat();
    creating.end();
    if (condition === undefined) return;
    const count = there.reduce((sum, { made }) => sum + made.length, 0);
    const waiting = new Batch({ ...how, action: 'wait', atOnce: count }, about, environment, true);
    const wait = ({ host, context, made }: MadeThere): Promise<void> =>
      waiting.run(waitTasks(made, { condition, withinMs }, context), context, host.name);
    await Promise.all(there.map(wait));
    waiting.end();
  };
  try {
    const settings = all.map((one) => one.settings);
    await withHosts(settings, { reaction: 'stopping', progress }, environment, work);
  } finally {
    stop();
  }
}
