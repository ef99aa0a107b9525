import { Interrupted } from '../../../errors/interrupted.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { leftWords } from '../../../views/apply/text.ts';
import { standingWords } from '../../../views/diff/text.ts';
import { applyToVm } from '../../../vm/fleet/apply/apply-vm.ts';
import { leftIn } from '../../../vm/fleet/plan.ts';
import type { VmPlan } from '../../../vm/fleet/plan.ts';
import type { Task } from '../../run/batch/task.ts';
import type { TaskOf } from '../create/options.ts';
import type { Uploads } from '../create/uploads.ts';
import type { Planned } from './compare.ts';
import type { ApplyOptions } from './options.ts';
import type { Teller } from './tell.ts';

/** What the VMs of one host share. */
export interface OnOneHost {
  readonly options: ApplyOptions;
  readonly uploads: Uploads | undefined;
  readonly create: TaskOf;
  /** One VM after the other is made, as its host's CPUs and disks are the same for all. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly teller: Teller;
}

/** What is to be done with a VM, or said of it; undefined: nothing. */
export function taskOf(planned: Planned, host: OnOneHost): Task | undefined {
  const { plan, error, subject } = planned;
  if (error === undefined && plan?.action === 'none' && leftIn(plan).length === 0) return undefined;
  const { name } = subject;
  const nothing = { name, uuid: plan?.diff.uuid ?? null, addresses: [], left: [] };
  return {
    name,
    known: { uuid: nothing.uuid },
    warnings: planned.loaded.warnings,
    run: async (context, onLeft) => {
      try {
        if (plan === undefined) throw error ?? new Error('it was compared, or there is an error');
        const done = plan.action === 'create' ? await make(planned, host, context, onLeft) : nothing;
        if (plan.action === 'change') await applyToVm(planned.loaded, plan, host.options.allowed, context);
        const why = whyLeft(name, plan);
        if (why !== undefined) throw why;
        const status = plan.action === 'create' ? 'created' : 'changed';
        host.teller.result(planned, { status, uuid: done.uuid ?? undefined });
        return { ...done, status: 'applied' };
      } catch (thrown) {
        const status = thrown instanceof Interrupted ? 'interrupted' : 'failed';
        host.teller.result(planned, { status, error: thrown instanceof PlowError ? thrown : undefined });
        throw thrown;
      }
    },
  };
}

async function make(
  { loaded }: Planned,
  { create, uploads, inTurn }: OnOneHost,
  ...[context, onLeft]: Parameters<Task['run']>
): ReturnType<Task['run']> {
  const task = create(loaded, { ifNotExists: false, adoptsData: false, uploads }, () => {});
  return inTurn(() => {
    context.signal.throwIfAborted();
    return task.run(context, onLeft);
  });
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
