import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { planQuestion } from '../../../views/apply/text.ts';
import type { VmContext } from '../../../vm/context.ts';
import type { Environment } from '../../environment.ts';
import { Batch } from '../../run/batch/batch.ts';
import { confirmed } from '../../run/confirmed.ts';
import { inTurns } from '../../run/in-turns.ts';
import { assertAsPlanned, readPlan } from '../../run/plan/plan-file.ts';
import type { PlanFile } from '../../run/plan/plan-file.ts';
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
import { taskOf } from './tasks.ts';
import { countsOf, Teller } from './tell.ts';

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
  const plan = await planIn(files);
  const read = await readMachines(
    plan?.files ?? files,
    { ...options, lifetimeMinutes: undefined, upload: true },
    places,
  );
  if (options.format === 'text')
    for (const warning of read.warnings) environment.output.say(`warning: ${printable(warning)}`);
  const [first] = read.all;
  if (first === undefined) return;
  const loading = whileConnecting(loadWork);
  const { verbose } = first.settings;
  const { progress, stop } = await makeProgress(environment, { verbose });
  const isOfHosts = read.all.length > 1 || places.areSeveral;
  const run = new Run({ plan, read, options, environment, isOfHosts, verbose, stop, progress, loading });
  try {
    const settings = read.all.map((place) => place.settings);
    await withHosts(settings, { reaction: REACTION, progress }, environment, (hosts, signal) =>
      run.on(hosts, signal),
    );
  } finally {
    stop();
  }
}

/** The plan that is given in place of files. @throws PlowError (config) */
async function planIn(files: readonly string[]): Promise<PlanFile | undefined> {
  const plans = await Promise.all(files.filter((file) => file.endsWith('.json')).map(readPlan));
  const [plan, ...others] = plans.filter((one) => one !== undefined);
  if (plan !== undefined && (others.length > 0 || files.length > 1))
    throw new PlowError('config', 'a plan is given alone: it knows its files');
  return plan;
}

interface Around {
  /** What was shown before. */
  readonly plan: PlanFile | undefined;
  readonly read: ReadMachines;
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
}

class Run {
  readonly #around: Around;
  readonly #teller: Teller;

  constructor(around: Around) {
    this.#around = around;
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
    this.#assertAsPlanned(all);
    this.#teller.plan(all);
    await this.#ask(all, signal);
    const tasks = await this.#tasks(there);
    try {
      await Promise.all(
        tasks.map(({ host, context, some }) => batch.run(some, context, isOfHosts ? host.name : undefined)),
      );
    } finally {
      for (const one of all) this.#tellRest(one);
    }
    batch.end();
  }

  /** @throws PlowError (operation) */
  #assertAsPlanned(all: readonly Planned[]): void {
    const { plan: before } = this.#around;
    if (before === undefined) return;
    const compared = all.flatMap(({ subject, loaded, plan }) =>
      plan === undefined ? [] : [{ subject, loaded, diff: plan.diff }],
    );
    assertAsPlanned(before, compared);
  }

  /** A host that is away keeps none of the others. */
  async #compare(
    hosts: readonly HostAtWork[],
    batch: Batch,
    signal: AbortSignal,
  ): Promise<readonly OnHost[]> {
    const { read, options, isOfHosts, progress } = this.#around;
    progress.begin('Comparing VMs with their files');
    const compare = async (host: HostAtWork): Promise<readonly OnHost[]> => {
      const machines = machinesOn(host.settings, read.all);
      try {
        const context = { ...(await host.context), guard: options.guardOf(host.settings) };
        const name = isOfHosts ? host.name : undefined;
        return [{ host, context, planned: await planOnHost(machines, options.allowed, context, name) }];
      } catch (error) {
        if (!isOfHosts || signal.aborted) throw error;
        const lost = lostWith(host.name, error);
        const tasks = machines.map(({ machine }) => ({
          name: machine.name,
          run: () => Promise.reject(error),
        }));
        batch.lose(lost, tasks);
        return [];
      }
    };
    const there = await Promise.all(hosts.map(compare));
    return there.flat();
  }

  /** In a terminal; elsewhere what was said is done. @throws PlowError (operation), Interrupted */
  async #ask(all: readonly Planned[], signal: AbortSignal): Promise<void> {
    const { options, environment } = this.#around;
    const question = planQuestion(countsOf(all));
    if (question === undefined || options.isSure || options.format === 'json') return;
    if (environment.ask === undefined || (await confirmed(question, environment.ask, signal))) return;
    throw new PlowError('operation', 'nothing was done: the answer was not yes', {
      hint: '--yes asks nothing',
    });
  }

  async #tasks(there: readonly OnHost[]) {
    const { read, options, loading } = this.#around;
    const { taskOf: create } = await loading;
    return there.map(({ host, context, planned }) => {
      const shared = { options, uploads: read.uploads, create, inTurn: inTurns(), teller: this.#teller };
      const some = planned.flatMap((one) => taskOf(one, shared) ?? []);
      return { host, context, some };
    });
  }

  /** Those that nothing was done with. */
  #tellRest(one: Planned): void {
    const isNothing = one.plan?.action === 'none';
    this.#teller.result(one, { status: isNothing ? 'unchanged' : 'not begun', error: one.error });
  }
}
