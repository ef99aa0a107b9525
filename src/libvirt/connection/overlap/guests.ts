import { isReason } from '../../../errors/hypervisor-error.ts';
import type { HypervisorError } from '../../../errors/hypervisor-error.ts';
import type { FunctionName } from '../../abi/functions.ts';
import type { NativeValue } from '../../abi/native.ts';
import { enterGuests } from '../call-budget.ts';
import { failed } from '../calls.ts';
import type { GuestQuestion } from '../calls.ts';
import { MOST_GUESTS_ASKED } from '../concurrency.ts';
import { withDeadline } from '../line/deadline.ts';
import { notInTime } from '../line/timeouts.ts';

/** How a connection asks them. */
export interface GuestWays {
  /** Makes one call. */
  readonly ask: (args: readonly NativeValue[]) => Promise<unknown>;
  /** Has all of them made in their turn. */
  readonly inTurn: (work: () => Promise<unknown>) => Promise<unknown>;
  /** Looks at the error, in the turn of the calls. */
  readonly afterFailure: () => void;
}

/**
 * Asks what may wait in vain for a guest: few are under way at once, and what is not answered in time is
 * answered by undefined.
 */
export async function askGuests<T>(
  milliseconds: number,
  name: FunctionName,
  questions: readonly GuestQuestion<T>[],
  { ask, inTurn, afterFailure }: GuestWays,
): Promise<readonly (T | undefined)[]> {
  const answers = questions.map((): T | undefined => undefined);
  const waiting = questions.entries();
  let isOver = false;
  let hasFailed = false;
  const turns = enterGuests();
  const work = async (): Promise<void> => {
    for (const [index, { args, begun, ended }] of waiting) {
      await turns.begin();
      try {
        if (isOver) return;
        begun();
        const answer = await ask(args);
        hasFailed ||= failed(answer);
        answers[index] = ended(failed(answer) ? undefined : answer);
      } finally {
        turns.end();
      }
    }
  };
  const late = (): HypervisorError => notInTime(name, milliseconds, 'busy');
  const all = (): Promise<unknown> => Promise.all(Array.from({ length: MOST_GUESTS_ASKED }, work));
  const inTime = async (): Promise<void> => {
    await withDeadline(all(), milliseconds, late);
    if (hasFailed) afterFailure();
  };
  try {
    await inTurn(inTime);
  } catch (error) {
    if (!isReason(error, 'busy')) throw error;
  } finally {
    isOver = true;
    turns.leave();
  }
  return [...answers];
}
