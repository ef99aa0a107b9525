import { isReason } from '../errors/hypervisor-error.ts';
import { Interrupted } from '../errors/interrupted.ts';

/** @param clean false when something that was made later could not be taken back */
type Undo = (clean: boolean) => Promise<void>;

/** Registers how to take back what was just made. `what` names it for the user. */
export type OnFailure = (what: string, undo: Undo) => void;

/** Told at the end what could not be taken back. */
export type Incomplete = (left: readonly string[]) => Promise<void>;

/**
 * Runs `work`; if it throws, takes back what it registered, newest first, and throws its error on. What
 * somebody else has removed meanwhile counts as taken back.
 */
export async function withRollback<T>(
  work: (onFailure: OnFailure) => Promise<T>,
  incomplete: Incomplete,
): Promise<T> {
  const undos: { what: string; undo: Undo }[] = [];
  try {
    return await work((what, undo) => undos.push({ what, undo }));
  } catch (error) {
    const left: string[] = [];
    for (const { what, undo } of undos.toReversed()) {
      try {
        await undo(left.length === 0);
      } catch (undoError) {
        const gone = isReason(undoError, 'not-found') || isReason(undoError, 'no-such-file');
        if (!gone) left.push(what);
      }
    }
    if (left.length > 0) await incomplete(left);
    throw error instanceof Interrupted ? error.with(outcomeOf(undos.length, left.length)) : error;
  }
}

function outcomeOf(made: number, left: number): string {
  if (made === 0) return 'nothing was made';
  return left === 0 ? 'all was taken back' : 'not all could be taken back';
}
