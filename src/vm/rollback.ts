type Undo = () => Promise<void>;

/** Registers how to take back what was just made. `what` names it for the user. */
export type OnFailure = (what: string, undo: Undo) => void;

/** Told of each undo that failed; the rest still run. */
export type UndoFailed = (what: string) => void;

/**
 * Runs `work`; if it throws, takes back what it registered, newest first, and throws its error on.
 */
export async function withRollback<T>(
  work: (onFailure: OnFailure) => Promise<T>,
  undoFailed: UndoFailed,
): Promise<T> {
  const undos: { what: string; undo: Undo }[] = [];
  try {
    return await work((what, undo) => undos.push({ what, undo }));
  } catch (error) {
    for (const { what, undo } of undos.toReversed()) {
      await undo().catch(() => undoFailed(what));
    }
    throw error;
  }
}
