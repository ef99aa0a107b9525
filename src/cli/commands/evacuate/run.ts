import { createHash } from 'node:crypto';
import { PlowError } from '../../../errors/plow-error.ts';
import type { VmContext } from '../../../vm/context.ts';
import { listNames } from '../../../vm/list/list.ts';
import type { End } from '../../../vm/move/ends.ts';
import { awayFrom, bringHome, evacuateVm } from '../../../vm/move/evacuate.ts';
import type { MoveWish } from '../../../vm/move/move.ts';
import type { Progress } from '../../../vm/progress.ts';
import type { Environment } from '../../environment.ts';
import type { GlobalOptions } from '../../record/command.ts';
import { Batch } from '../../run/batch/batch.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { atHost, progressFor } from '../../run/batch/heard.ts';
import type { Task } from '../../run/batch/task.ts';
import { hostName } from '../../run/hosts/several.ts';
import { withHosts } from '../../run/hosts/with-hosts.ts';
import type { HostAtWork } from '../../run/hosts/with-hosts.ts';
import { toldOf } from '../../run/moved.ts';
import { makeProgress } from '../../run/session.ts';
import { settingsAt } from '../../settings/at.ts';
import { allSettingsOf } from '../../settings/settings.ts';
import type { Settings } from '../../settings/settings.ts';

interface Around {
  readonly format: BatchFormat;
  readonly globals: GlobalOptions;
  readonly environment: Environment;
}

/** `plow evacuate` @param to undefined: all others of the settings @throws PlowError, Interrupted */
export async function runEvacuate(
  host: string,
  to: readonly string[] | undefined,
  wish: MoveWish,
  around: Around,
): Promise<void> {
  await onBoth(host, to, around, async (from, others, batch) => {
    const context = await from.context;
    const targets = await reachable(others, context.progress);
    const evacuation = { targets, newHasher: createHash };
    const names = await listNames(context.hypervisor, { all: true });
    const tasks = names.map((name): Task => ({
      name,
      run: async (own) => {
        const ends = { ...evacuation, from: { name: from.name, context: own } };
        return toldOf(name, await evacuateVm(name, wish, ends));
      },
    }));
    if (tasks.length === 0) context.progress.note(`${from.name} has no VMs`);
    await batch.run(tasks, context, from.name);
  });
}

/** `plow restore` @throws PlowError, Interrupted */
export async function runRestore(host: string, wish: MoveWish, around: Around): Promise<void> {
  await onBoth(host, undefined, around, async (home, others, batch) => {
    const { progress, ...context } = await home.context;
    const to: End = { name: home.name, context: { ...context, progress: atHost(home.name, progress) } };
    let count = 0;
    for (const { name: at, context: there } of await reachable(others, progress)) {
      const names = await awayFrom(to, there);
      count += names.length;
      const tasks = names.map((name): Task => ({
        name,
        run: async (own) => {
          const ends = { from: { name: at, context: own }, to, newHasher: createHash };
          return toldOf(name, await bringHome(name, wish, ends));
        },
      }));
      await batch.run(tasks, there, at);
    }
    if (count === 0) progress.note(`no VM elsewhere is at home on ${home.name}`);
  });
}

async function onBoth(
  host: string,
  to: readonly string[] | undefined,
  { format, globals, environment }: Around,
  work: (host: HostAtWork, others: readonly HostAtWork[], batch: Batch) => Promise<void>,
): Promise<void> {
  const own = await settingsAt(host, globals, environment);
  const named = to && (await Promise.all(to.map((one) => settingsAt(one, globals, environment))));
  const all = [own, ...(named ?? (await othersThan(own, globals, environment)))];
  const { progress, stop } = await makeProgress(environment, own);
  const how = { reaction: 'stopping', progress: progressFor(format, progress) };
  const options = { action: 'move', format, atOnce: 1, verbose: own.verbose, pause: stop } as const;
  try {
    await withHosts(all, how, environment, async ([first, ...others], signal) => {
      if (first === undefined) throw new Error('there is one host at least');
      const batch = new Batch(options, { signal, progress: how.progress }, environment, true);
      await work(first, others, batch);
      batch.end();
    });
  } finally {
    stop();
  }
}

/** @throws PlowError (config) where the settings have no other */
async function othersThan(
  own: Settings,
  globals: GlobalOptions,
  environment: Environment,
): Promise<readonly Settings[]> {
  const { host: _host, connect: _connect, ...rest } = globals;
  const all = await allSettingsOf({ ...rest, allHosts: true }, environment, 'a place for VMs');
  const others = all.filter((one) => hostName(one) !== hostName(own));
  if (others.length > 0) return others;
  throw new PlowError('config', `the settings have no other host than ${hostName(own)}`, {
    hint: '--to names hypervisors that take VMs',
  });
}

/** Those that answer; of others it is told. @throws PlowError (connection) where none does */
async function reachable(others: readonly HostAtWork[], progress: Progress): Promise<readonly End[]> {
  const ends: End[] = [];
  let failure: PlowError | undefined;
  for (const { name, context } of others) {
    try {
      const { progress: own, ...there }: VmContext = await context;
      ends.push({ name, context: { ...there, progress: atHost(name, own) } });
    } catch (error) {
      if (!(error instanceof PlowError)) throw error;
      failure = error;
      progress.note(`${name} is passed over: ${error.message}`);
    }
  }
  if (ends.length === 0 && failure !== undefined) throw failure;
  return ends;
}
