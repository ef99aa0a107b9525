import type { ResultDocument } from '../../../documents/result-schema.ts';
import { Interrupted } from '../../../errors/interrupted.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { Verdict } from '../../../errors/verdict.ts';
import type { VmContext } from '../../../vm/context.ts';

type Told = Pick<
  ResultDocument,
  'uuid' | 'status' | 'addresses' | 'left' | 'waited' | 'snapshot' | 'plan'
> & {
  readonly name: string;
};

/** Work on one VM. */
export interface Task {
  readonly name: string;
  /** What is known of the VM before anything is done: for one that fails. */
  readonly known?: Partial<Told>;
  /** To be told with it. */
  readonly warnings?: readonly string[];
  /** @param onLeft takes what could not be taken back, where it fails @throws PlowError, Interrupted */
  readonly run: (context: VmContext, onLeft: (what: readonly string[]) => void) => Promise<Told>;
}

/** What came of one. */
export interface Outcome extends Told {
  readonly error: PlowError | undefined;
  readonly interrupted?: Interrupted;
}

export function outcomeOf({ name, known }: Task, status: Told['status'], error?: PlowError): Outcome {
  return { name, uuid: null, addresses: [], left: [], ...known, status, error };
}

/** Works, and keeps what goes wrong. */
export async function outcomeAfter(task: Task, context: VmContext): Promise<Outcome> {
  let left: readonly string[] = [];
  try {
    return { ...(await task.run(context, (what) => (left = what))), error: undefined };
  } catch (error) {
    const entries = left.map((what) => ({ what, why: null }));
    if (error instanceof Interrupted) {
      return { ...outcomeOf(task, 'interrupted'), left: entries, interrupted: error };
    }
    if (error instanceof PlowError)
      return { ...outcomeOf(task, 'failed', error), ...waitedOf(error), left: entries };
    throw error;
  }
}

/** Of a VM that was waited for. */
function waitedOf(error: PlowError): Pick<Told, 'waited'> {
  if (!(error instanceof Verdict)) return {};
  const { condition, step, verdict } = error;
  return { waited: { condition, step, verdict } };
}
