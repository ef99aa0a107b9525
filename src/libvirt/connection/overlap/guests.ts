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
  /** Takes the error of the connection out of its place. */
  readonly read: () => HypervisorError;
  /** After a failure, in the turn of the calls. @throws HypervisorError where the line broke */
  readonly check: () => void;
}

/**
 * Asks what may wait in vain for a guest: after that time it fails with reason `busy`. @throws
 * HypervisorError
 */
export function askGuest(
  milliseconds: number,
  name: FunctionName,
  args: readonly NativeValue[],
  { ask, inTurn, read }: GuestWays,
): Promise<unknown> {
  let isLate = false;
  const late = (): HypervisorError => {
    isLate = true;
    return notInTime(name, milliseconds, 'busy');
  };
  const one = async (): Promise<unknown> => {
    const result = await ask(args);
    // By then the error of another may be in its place.
    if (failed(result) && !isLate) throw read();
    return result;
  };
  return inTurn(() => withDeadline(one(), milliseconds, late));
}

/**
 * Asks what may wait in vain for a guest: few are under way at once, and what is not answered in time is
 * answered by undefined.
 */
export async function askGuests<T>(
  milliseconds: number,
  name: FunctionName,
  questions: readonly GuestQuestion<T>[],
  { ask, inTurn, check }: GuestWays,
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
    if (hasFailed) check();
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
