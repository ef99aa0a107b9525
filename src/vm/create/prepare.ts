import type { LoadedMachine } from '../../config/machine.ts';
import type { VmContext } from '../context.ts';
import { planVm } from './plan.ts';
import type { VmPlan } from './plan.ts';
import { preflight } from './preflight.ts';
import type { Preflight } from './preflight.ts';

/** A create before its first change, and all that there is of a dry run. */
export interface Prepared {
  readonly plan: VmPlan;
  readonly checked: Preflight;
}

/**
 * Checks a machine on its hypervisor and plans what a create makes of it. Nothing is made: for a dry run the
 * connection should be one for looking only.
 * @throws PlowError as preflight does
 */
export async function prepareCreate(loaded: LoadedMachine, context: VmContext): Promise<Prepared> {
  const checked = await preflight(loaded, context);
  const { version, storagePath } = context;
  const origin = { uuid: context.newUuid(), createdAt: context.now(), version, storagePath };
  return { plan: planVm(loaded.machine, checked, origin), checked };
}
