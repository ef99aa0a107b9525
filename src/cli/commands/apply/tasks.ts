import { Interrupted } from '../../../errors/interrupted.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { leftWords } from '../../../views/apply/text.ts';
import { standingWords } from '../../../views/diff/text.ts';
import { applyToVm } from '../../../vm/fleet/apply/apply-vm.ts';
import type { VmContext } from '../../../vm/context.ts';
import { leftIn } from '../../../vm/fleet/plan.ts';
import type { VmPlan } from '../../../vm/fleet/plan.ts';
import type { Task } from '../../run/batch/task.ts';
import type { TaskOf } from '../create/options.ts';
import type { Uploads } from '../create/uploads.ts';
import { waitTasks } from '../create/wait.ts';
import type { Made } from '../create/wait.ts';
import type { Planned } from './compare.ts';
import type { ApplyOptions } from './options.ts';
import type { Teller } from './tell.ts';
import { labelOf } from './turns.ts';
import type { Failures, Turns } from './turns.ts';

/** What the VMs of one host share. */
export interface OnOneHost {
  readonly options: ApplyOptions;
  readonly uploads: Uploads | undefined;
  readonly create: TaskOf;
  /** One VM after the other is made, as its host's CPUs and disks are the same for all. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly teller: Teller;
  readonly turns: Turns;
  readonly failures: Failures;
}

/** What is to be done with a VM, or said of it; undefined: nothing. */
export function taskOf(planned: Planned, host: OnOneHost): Task | undefined {
  const { plan, error, subject } = planned;
  if (error === undefined && plan?.action === 'none' && leftIn(plan).length === 0) return undefined;
  const { name } = subject;
  const wave = host.turns.get(planned)?.wave;
  const nothing = { name, uuid: plan?.diff.uuid ?? null, addresses: [], left: [] };
  return {
    name,
    known: { uuid: nothing.uuid },
    warnings: planned.loaded.warnings,
    run: async (context, onLeft) => {
      try {
        if (plan === undefined) throw error ?? new Error('it was compared, or there is an error');
        const done = await noted(planned, host, async () => {
          if (plan.action === 'create') return make(planned, host, context, onLeft);
          if (plan.action === 'change') await change(planned, plan, host, context);
          return nothing;
        });
        const why = whyLeft(name, plan);
        if (why !== undefined) throw why;
        const status = plan.action === 'create' ? 'created' : 'changed';
        host.teller.result(planned, { status, uuid: done.uuid ?? undefined, wave });
        return { ...done, status: 'applied' };
      } catch (thrown) {
        const status = thrown instanceof Interrupted ? 'interrupted' : 'failed';
        const failure = thrown instanceof PlowError ? thrown : undefined;
        host.teller.result(planned, { status, error: failure, wave });
        throw thrown;
      }
    },
  };
}

/** What goes wrong with a VM counts for those that come after it. */
async function noted<T>(planned: Planned, { failures }: OnOneHost, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Interrupted)) failures.add(labelOf(planned), planned.loaded.machine.group);
    throw error;
  }
}

async function change(
  planned: Planned,
  plan: VmPlan,
  { options: { allowed, wait }, turns }: OnOneHost,
  context: VmContext,
): Promise<void> {
  const isCanary = turns.get(planned)?.isCanary === true;
  await applyToVm(planned.loaded, plan, { allowed, wait, isCanary }, context);
}

async function make(
  { loaded }: Planned,
  { create, uploads, inTurn, options: { wait } }: OnOneHost,
  ...[context, onLeft]: Parameters<Task['run']>
): ReturnType<Task['run']> {
  const made: Made[] = [];
  const task = create(loaded, { ifNotExists: false, adoptsData: false, uploads }, (vm) => made.push(vm));
  const done = await inTurn(() => {
    context.signal.throwIfAborted();
    return task.run(context, onLeft);
  });
  if (wait === undefined) return done;
  for (const waiting of waitTasks(made, wait, context)) await waiting.run(context, onLeft);
  return done;
}

/** Why a VM is not as its file says in the end, where somebody has to decide. */
function whyLeft(name: string, plan: VmPlan): PlowError | undefined {
  if (plan.action === 'refused')
    return new PlowError('operation', `VM '${name}' ${standingWords(plan.diff.standing, name)}`);
  const left = leftIn(plan);
  if (left.length === 0) return undefined;
  const isByHand = left.some(({ fate }) => fate === 'changed by hand');
  const message = `VM '${name}' is not as its file says, and was left so: ${leftWords(left)}`;
  return new PlowError('operation', message, {
    hint: isByHand
      ? '--overwrite takes what the file says in place of what was changed by hand'
      : 'change the file: nothing of plow does this',
  });
}
