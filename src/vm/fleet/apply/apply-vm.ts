import { isDeepStrictEqual } from 'node:util';
import type { LoadedMachine, Machine } from '../../../config/machine.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import type { Domain } from '../../../hypervisor/domain.ts';
import { look } from '../../attach/look.ts';
import type { VmContext } from '../../context.ts';
import { throwIfInterrupted } from '../../interruption.ts';
import { restartVm, SHUTDOWN_MS } from '../../lifecycle/power.ts';
import type { Changed } from '../../lifecycle/power.ts';
import { explainOfVm, presentVm } from '../../list/unknown-vm.ts';
import { rebuildVm } from '../../rebuild/rebuild.ts';
import { reseedVm } from '../../rebuild/reseed.ts';
import { waitForVm } from '../../wait/wait.ts';
import type { WaitOptions } from '../../wait/wait.ts';
import { asThere, diffVm } from '../diff-vm.ts';
import { isDisturbed, planVm, whatsOf } from '../plan.ts';
import type { Allowed, VmPlan } from '../plan.ts';
import { checkChanges } from './check.ts';
import { makeLiveChanges } from './live.ts';
import { recordChanges, storeChanges } from './store.ts';
import { wayOf } from './way.ts';

export interface ApplyWish {
  readonly allowed: Allowed;
  /** A VM that runs is to come so far again once it was taken down; undefined: nobody waits. */
  readonly wait: WaitOptions | undefined;
  /** Whether it is waited for one that was not taken down, too. */
  readonly isCanary: boolean;
}

/**
 * Makes a VM as its file says, as far as its plan goes. All that can be refused is refused first; what of it
 * is done when something fails is told, and the same command does the rest.
 * @param shown what was shown: where the VM is another one by now nothing is done
 * @throws Verdict of one that does not come up again @throws PlowError, Interrupted
 */
export async function applyToVm(
  loaded: LoadedMachine,
  shown: VmPlan,
  wish: ApplyWish,
  context: VmContext,
): Promise<Changed> {
  const { name } = loaded.machine;
  using domain = await presentVm(name, context.hypervisor);
  const failures: unknown[] = [];
  const plan = planVm(await diffVm(loaded, context, (error) => failures.push(error)), wish.allowed);
  if (!isDeepStrictEqual(plan, shown)) throw notAsShown(plan, shown, failures);
  if (plan.action !== 'change') return 'unchanged';
  const { isRunning } = await new Application(domain, loaded, { plan, wait: wish.wait }, context).run();
  const isAwaited = isRunning && (wish.isCanary || isDisturbed(plan));
  if (wish.wait !== undefined && isAwaited) await waitForVm(domain, wish.wait, context);
  return 'changed';
}

/** Of a VM that is not any more as it was when its plan was shown, or of which less can be seen by now. */
function notAsShown({ diff }: VmPlan, shown: VmPlan, [failure]: readonly unknown[]): unknown {
  const { name, unread } = diff;
  // What could not be seen then either does not tell why they differ.
  const isNew = unread === undefined || unread !== shown.diff.unread;
  if (failure !== undefined && isNew)
    return explainOfVm(failure, name, `VM '${name}' cannot be compared again: nothing was done to it`);
  return new PlowError(
    'operation',
    `VM '${name}' was changed since its plan was made: nothing was done to it`,
    {
      hint: 'the same command shows what there is to do by now',
    },
  );
}

/** No guest is forced off. */
const STOP = { withinMs: SHUTDOWN_MS, isForced: false } as const;

/** What is done to one VM, and what of it is done. */
class Application {
  readonly #domain: Domain;
  readonly #loaded: LoadedMachine;
  readonly #plan: VmPlan;
  readonly #wait: WaitOptions | undefined;
  readonly #context: VmContext;
  readonly #done: string[] = [];

  constructor(
    domain: Domain,
    loaded: LoadedMachine,
    { plan, wait }: { readonly plan: VmPlan; readonly wait: WaitOptions | undefined },
    context: VmContext,
  ) {
    this.#domain = domain;
    this.#loaded = loaded;
    this.#plan = plan;
    this.#wait = wait;
    this.#context = context;
  }

  /** @returns whether it runs, as before @throws PlowError, Interrupted */
  async run(): Promise<{ readonly isRunning: boolean }> {
    const { name } = this.#domain;
    const { progress } = this.#context;
    progress.begin(`Changing VM '${name}'`);
    try {
      return await this.#make();
    } catch (error) {
      if (this.#done.length > 0)
        progress.note(`of VM '${name}' is done: ${this.#done.join(', ')}; the same command does the rest`);
      throw explainOfVm(error, name, `cannot change VM '${name}'`);
    }
  }

  async #make(): Promise<{ readonly isRunning: boolean }> {
    const [domain, context, plan] = [this.#domain, this.#context, this.#plan];
    const { live } = await look(domain);
    const { machine } = await asThere(this.#loaded, context);
    const now = plan.changes.filter(({ fate }) => fate === 'now').map(({ change }) => change);
    const ways = now.map((change) => ({ change, way: wayOf(change, machine, live !== undefined) }));
    const pending = plan.changes.flatMap(({ change }) => (change.isPending ? [change.what] : []));
    const stored = [
      ...ways.flatMap(({ change, way }) => (way === 'store' ? [change.what] : [])),
      ...whatsOf(plan, 'stored', 'restart').filter((what) => !pending.includes(what)),
      // An interface goes with the seed that does not know it any more.
      ...whatsOf(plan, 'reseed', 'rebuild').filter((what) => /^interface \S+$/u.test(what)),
    ];
    const kind = stored.length === 0 ? undefined : await checkChanges(this.#loaded, machine, stored, context);
    await this.#step([], () =>
      makeLiveChanges(domain, machine, ways, context, (whats) => this.#done.push(...whats)),
    );
    if (kind !== undefined)
      await this.#step(stored, () => storeChanges(domain, machine, stored, { kind, context }));
    const recorded = [...whatsOf(plan, 'now', 'restart'), ...stored, ...plan.diff.settled];
    await this.#step([], () => recordChanges(domain, machine, recorded, { kind, context }));
    context.progress.done(`VM '${domain.name}' changed`);
    const isRunning = live !== undefined;
    await this.#setUpAnew(machine, isRunning);
    return { isRunning };
  }

  /** What takes the VM down, last. */
  async #setUpAnew(machine: Machine, isRunning: boolean): Promise<void> {
    const [domain, context, plan] = [this.#domain, this.#context, this.#plan];
    const [reseeded, rebuilt] = [whatsOf(plan, 'reseed'), whatsOf(plan, 'rebuild')];
    if (rebuilt.length > 0) {
      const wish = {
        image: undefined,
        file: this.#loaded,
        stop: STOP,
        wait: isRunning ? this.#wait : undefined,
      };
      await this.#step(rebuilt, async () => void (await rebuildVm(domain, wish, context)));
      return;
    }
    if (reseeded.length > 0)
      await this.#step(reseeded, async () => void (await reseedVm(domain, { machine }, context)));
    if (isDisturbed(plan) && isRunning) await restartVm(domain, context, STOP);
  }

  async #step(whats: readonly string[], work: () => Promise<void>): Promise<void> {
    const { name } = this.#domain;
    throwIfInterrupted(
      this.#context,
      this.#done.length === 0 ? `VM '${name}' is as it was` : `VM '${name}' is changed in part`,
    );
    await work();
    this.#done.push(...whats);
  }
}
