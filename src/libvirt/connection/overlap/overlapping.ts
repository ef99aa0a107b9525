import type { FunctionName } from '../../abi/functions.ts';
import type { Handles } from '../../abi/handles.ts';
import { callAsync } from '../../abi/native.ts';
import { enterBatch } from '../call-budget.ts';
import type { Call } from '../calls.ts';
import { withWatchdog } from '../line/deadline.ts';
import type { Lifeline } from '../line/lifeline.ts';
import { timing } from '../stopwatch.ts';
import type { CallObserver } from '../stopwatch.ts';
import type { UnderWay } from '../under-way.ts';

/** Of a connection: what its calls go through. */
export interface Ways {
  readonly observe: CallObserver | undefined;
  /** Of OVERLAP. */
  readonly overlap: number;
  readonly line: Lifeline;
  readonly handles: Handles;
  readonly underWay: UnderWay;
}

/**
 * Calls that do not wait for each other. Each answer makes room for the next question, so that the line to
 * the server is never idle.
 * @param patient the call that is waited for the longest
 * @throws HypervisorError when the line broke; where a call cannot be made, its error, once the others under
 * way have ended
 */
export async function overlapping(
  patient: FunctionName,
  calls: readonly Call[],
  { observe, overlap, line, handles, underWay }: Ways,
): Promise<readonly unknown[]> {
  // Nothing travels, which would pass for an answer from close by.
  if (calls.length === 0) return [];
  const answers = calls.map((): unknown => undefined);
  const waiting = calls.entries();
  const turns = enterBatch(overlap);
  let hasFailed = false;
  const work = (isAlive: () => void): Promise<unknown> => {
    const ask = async (): Promise<void> => {
      for (const [index, [name, ...args]] of waiting) {
        await turns.begin();
        try {
          if (line.isBroken || hasFailed) return;
          const ended = timing(observe, name, args);
          answers[index] = await callAsync(name, ...args);
          isAlive();
          ended();
        } catch (error) {
          hasFailed = true;
          throw error;
        } finally {
          turns.end();
        }
      }
    };
    const release = handles.use(calls.flat());
    const workers = Array.from({ length: Math.min(overlap, calls.length) }, ask);
    // A call that cannot be made ends none of those under way, which still use the objects.
    const asking = allEnded(workers).finally(release);
    underWay.add(asking, calls);
    return line.hold(patient, asking);
  };
  // One timer for all: one for each of a thousand calls takes longer than they do.
  const within = line.deadlineOf(patient);
  await withWatchdog(work, within, () => line.giveUp(patient, within)).finally(turns.leave);
  return answers;
}

/** As Promise.all, but no sooner than all have ended. */
async function allEnded(work: readonly Promise<unknown>[]): Promise<void> {
  try {
    await Promise.all(work);
  } finally {
    await Promise.allSettled(work);
  }
}
