import type { Evacuated } from '../../vm/move/evacuate.ts';
import { DONE } from './batch/actions.ts';
import type { Outcome } from './batch/task.ts';

/** What is told of a VM that was moved, or would be. */
export function toldOf(name: string, { moved, plan }: Evacuated): Omit<Outcome, 'error'> {
  if (moved === undefined) {
    const nothing: Omit<Outcome, 'error'> = { name, uuid: null, addresses: [], left: [], status: 'planned' };
    if (plan === undefined) return nothing;
    const { files, bases, obstacles, ...rest } = plan;
    return { ...nothing, plan: { ...rest, files: [...files], bases: [...bases], obstacles: [...obstacles] } };
  }
  const left = [...moved.left].map(([what, why]) => ({ what, why }));
  return { ...moved, addresses: [...moved.addresses], left, status: DONE.move };
}
