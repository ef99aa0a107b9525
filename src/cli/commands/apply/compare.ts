import type { LoadedMachine } from '../../../config/machine.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import type { Subject } from '../../../views/diff/document.ts';
import type { VmContext } from '../../../vm/context.ts';
import { diffVm } from '../../../vm/fleet/diff-vm.ts';
import { planVm } from '../../../vm/fleet/plan.ts';
import type { Allowed, VmPlan } from '../../../vm/fleet/plan.ts';
import { COMPARED_AT_ONCE } from '../../run/batch/compared-at-once.ts';
import { someAtOnce } from '../../run/batch/some-at-once.ts';

/** A VM of the files, and what is to be done with it. */
export interface Planned {
  readonly loaded: LoadedMachine;
  readonly subject: Subject;
  /** Undefined where it could not be compared. */
  readonly plan: VmPlan | undefined;
  readonly error: PlowError | undefined;
}

/**
 * Compares the VMs of one host with their files, in their order.
 * @param host its name, where there are several @throws PlowError (connection), Interrupted
 */
export async function planOnHost(
  machines: readonly LoadedMachine[],
  allowed: Allowed,
  context: VmContext,
  host: string | undefined,
): Promise<readonly Planned[]> {
  const planned: Planned[] = [];
  await someAtOnce(machines, COMPARED_AT_ONCE, async (loaded, index) => {
    context.signal.throwIfAborted();
    const { file = '-' } = loaded.mistake(['name'], '');
    const about = { loaded, subject: { file, name: loaded.machine.name, host } };
    try {
      const plan = planVm(await diffVm(loaded, context), allowed);
      planned[index] = { ...about, plan, error: undefined };
    } catch (error) {
      if (!(error instanceof PlowError) || error.kind === 'connection') throw error;
      planned[index] = { ...about, plan: undefined, error };
    }
  });
  return planned;
}
