import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { planQuestion } from '../../../views/apply/text.ts';
import type { VmContext } from '../../../vm/context.ts';
import { placeOf } from '../../../vm/fleet/place.ts';
import { givenFiles, surplusVms } from '../../../vm/fleet/prune.ts';
import type { GivenFiles } from '../../../vm/fleet/prune.ts';
import type { Environment } from '../../environment.ts';
import { Batch } from '../../run/batch/batch.ts';
import { confirmed } from '../../run/confirmed.ts';
import { inTurns } from '../../run/in-turns.ts';
import { assertAsPlanned, readPlan } from '../../run/plan/plan-file.ts';
import type { ComparedVm, PlanFile } from '../../run/plan/plan-file.ts';
import { lostWith, withHosts } from '../../run/hosts/with-hosts.ts';
import type { HostAtWork } from '../../run/hosts/with-hosts.ts';
import { makeProgress, whileConnecting } from '../../run/session.ts';
import type { Places } from '../../settings/places.ts';
import { machinesOn, readMachines } from '../create/machines.ts';
import type { ReadMachines } from '../create/machines.ts';
import { loadWork } from '../create/run.ts';
import { planOnHost } from './compare.ts';
import type { Planned } from './compare.ts';
import type { ApplyOptions } from './options.ts';
import { pruneTasks } from './prune.ts';
import { assertSure, going } from './pruned.ts';
import type { Pruned } from './pruned.ts';
import { taskOf } from './tasks.ts';
import { countsOf, Teller } from './tell.ts';
import { Failures, turnsOf } from './turns.ts';
import type { Turns } from './turns.ts';
import { workInWaves } from './work.ts';
import type { HostsWork, Work } from './work.ts';

/** VMs that are worked on at the same time on each host, and on all of them. */
const AT_ONCE = 8;
const OVERALL = 32;

const REACTION = 'stopping here; run the same command again to go on';

/**
 * `plow apply [config.yaml...]`: all files are read first, then all VMs are compared, then what was shown is
 * done.
 * @throws PlowError, Interrupted
 */
export async function runApply(
  files: readonly string[],
  options: ApplyOptions,
  places: Places,
  environment: Environment,
): Promise<void> {
  const plan = await planIn(files, environment.userId);
  if (plan !== undefined && options.prune !== undefined)
    throw new PlowError(
      'config',
      'a plan knows nothing of VMs that have no file: --prune goes with files only',
    );
  const read = await readMachines(
    plan?.files ?? files,
    { ...options, lifetimeMinutes: undefined, upload: true },
    places,
  );
  if (options.format === 'text')
    for (const warning of read.warnings) environment.output.say(`warning: ${printable(warning)}`);
  const [first] = read.all;
  if (first === undefined) return;
  if (options.wait !== undefined) {
    const { assertAwaitable } = await import('../create/wait.ts');
    assertAwaitable(
      read.all.flatMap(({ machines }) => machines),
      options.wait.condition,
      '--until',
    );
  }
  const given = givenFiles(read.all.flatMap(({ machines }) => machines.map(({ machine }) => machine)));
  if (options.prune !== undefined && given.fleets.size === 0 && options.format === 'text')
    environment.output.say('note: none of these files names a fleet: --prune destroys nothing');
  const loading = whileConnecting(loadWork);
  const { verbose } = first.settings;
  const { progress, stop } = await makeProgress(environment, { verbose });
  const isOfHosts = read.all.length > 1 || places.areSeveral;
  const run = new Run({
    plan,
    read,
    given,
    options,
    environment,
    isOfHosts,
    verbose,
    stop,
    progress,
    loading,
  });
  try {
    const ofFiles = read.all.map((place) => place.settings);
    const isMore = options.prune !== undefined && places.areSaid;
    const settings = isMore ? [...new Set([...ofFiles, ...places.all])] : ofFiles;
    await withHosts(settings, { reaction: REACTION, progress }, environment, (hosts, signal) =>
      run.on(hosts, signal),
    );
  } finally {
    stop();
  }
}

/** The plan that is given in place of files. @throws PlowError (config) */
async function planIn(files: readonly string[], userId: number): Promise<PlanFile | undefined> {
  const maybe = files.filter((file) => file.endsWith('.json'));
  const plans = await Promise.all(maybe.map((file) => readPlan(file, userId)));
  const [plan, ...others] = plans.filter((one) => one !== undefined);
  if (plan !== undefined && (others.length > 0 || files.length > 1))
    throw new PlowError('config', 'a plan is given alone: it knows its files');
  return plan;
}

interface Around {
  /** What was shown before. */
  readonly plan: PlanFile | undefined;
  readonly read: ReadMachines;
  readonly given: GivenFiles;
  readonly options: ApplyOptions;
  readonly environment: Environment;
  readonly isOfHosts: boolean;
  readonly verbose: boolean;
  readonly stop: () => void;
  readonly progress: VmContext['progress'];
  readonly loading: ReturnType<typeof loadWork>;
}

/** A host that answered. */
interface OnHost {
  readonly host: HostAtWork;
  readonly context: VmContext;
  readonly planned: readonly Planned[];
  readonly pruned: readonly Pruned[];
}

class Run {
  readonly #around: Around;
  readonly #teller: Teller;
  readonly #failures: Failures;

  constructor(around: Around) {
    this.#around = around;
    this.#failures = new Failures(around.options.canary !== undefined);
    this.#teller = new Teller(around.options, around.environment);
  }

  /** @throws PlowError, Interrupted */
  async on(hosts: readonly HostAtWork[], signal: AbortSignal): Promise<void> {
    const { options, environment, isOfHosts, verbose, stop, progress } = this.#around;
    const format = options.format === 'json' ? 'quiet' : options.format;
    const how = { action: 'apply', format, atOnce: AT_ONCE, overall: OVERALL, verbose, pause: stop } as const;
    const batch = new Batch(how, { signal, progress }, environment, isOfHosts);
    for (const { name, context } of hosts) options.guardOf.lend(name, context);
    const there = await this.#compare(hosts, batch, signal);
    stop();
    const all = there.flatMap(({ planned }) => planned);
    const pruned = there.flatMap((one) => one.pruned);
    await this.#assertAsPlanned(there);
    const turns = turnsOf(all, options.canary);
    this.#teller.plan(all, pruned, turns);
    await this.#ask(all, pruned, signal);
    const work = await this.#work(there, turns);
    try {
      await workInWaves(work, turns, this.#failures, batch);
    } finally {
      for (const one of all) this.#tellRest(one, turns);
      for (const one of pruned) this.#teller.pruned(one, { status: 'not begun' });
      stop();
      if (options.format !== 'json') for (const line of this.#failures.lines()) environment.output.say(line);
    }
    batch.end();
  }

  /** @throws PlowError (operation, config, connection) */
  async #assertAsPlanned(there: readonly OnHost[]): Promise<void> {
    const { plan: before } = this.#around;
    if (before === undefined) return;
    const compared: ComparedVm[] = [];
    for (const { context, planned } of there) {
      const place = await placeOf(context);
      for (const { subject, loaded, plan } of planned)
        if (plan !== undefined) compared.push({ subject, loaded, diff: plan.diff, place });
    }
    assertAsPlanned(before, compared);
  }

  /** A host that is away keeps none of the others. */
  async #compare(
    hosts: readonly HostAtWork[],
    batch: Batch,
    signal: AbortSignal,
  ): Promise<readonly OnHost[]> {
    const { read, given, options, isOfHosts, progress } = this.#around;
    progress.begin('Comparing VMs with their files');
    const compare = async (host: HostAtWork): Promise<readonly OnHost[]> => {
      const machines = machinesOn(host.settings, read.all);
      try {
        const context = { ...(await host.context), guard: options.guardOf(host.settings) };
        const name = isOfHosts ? host.name : undefined;
        const planned = await planOnHost(machines, options.allowed, context, name);
        const surplus = options.prune === undefined ? [] : await surplusVms(given, context);
        return [{ host, context, planned, pruned: surplus.map((one) => ({ surplus: one, host: name })) }];
      } catch (error) {
        if (!isOfHosts || signal.aborted) throw error;
        const lost = lostWith(host.name, error);
        const tasks = machines.map(({ machine }) => ({
          name: machine.name,
          run: () => Promise.reject(error),
        }));
        batch.lose(lost, tasks);
        for (const { machine } of machines) this.#failures.add(host.name, machine.group);
        return [];
      }
    };
    const there = await Promise.all(hosts.map(compare));
    return there.flat();
  }

  /**
   * In a terminal; elsewhere what was said is done, unless a VM goes.
   * @throws PlowError (operation), Interrupted
   */
  async #ask(all: readonly Planned[], pruned: readonly Pruned[], signal: AbortSignal): Promise<void> {
    const { options, environment } = this.#around;
    const question = planQuestion(countsOf(all, pruned));
    if (question === undefined || options.isSure) return;
    const ask = options.format === 'json' ? undefined : environment.ask;
    if (ask === undefined) return assertSure(going(pruned));
    if (await confirmed(question, ask, signal)) return;
    throw new PlowError('operation', 'nothing was done: the answer was not yes', {
      hint: '--yes asks nothing',
    });
  }

  async #work(there: readonly OnHost[], turns: Turns): Promise<readonly HostsWork[]> {
    const { read, given, options, loading, isOfHosts } = this.#around;
    const { taskOf: create } = await loading;
    const [teller, failures] = [this.#teller, this.#failures];
    return there.map(({ host, context, planned, pruned }) => {
      const ofAll = { options, uploads: read.uploads, create, teller, turns, failures };
      const shared = { ...ofAll, inTurn: inTurns() };
      const changes = planned.flatMap((one): readonly Work[] => {
        const task = taskOf(one, shared);
        return task === undefined ? [] : [{ task, planned: one, pruned: undefined }];
      });
      const all = [...changes, ...pruneTasks(pruned, { given, options, context, teller })];
      return { context, host: isOfHosts ? host.name : undefined, all };
    });
  }

  /** Those that nothing was done with. */
  #tellRest(one: Planned, turns: Turns): void {
    const status = one.plan?.action === 'none' ? 'unchanged' : 'not begun';
    this.#teller.result(one, { status, error: one.error, wave: turns.get(one)?.wave });
  }
}
