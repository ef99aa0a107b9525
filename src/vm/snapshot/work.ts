import type { VmContext } from '../context.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { withRollback } from '../rollback.ts';
import type { OnFailure } from '../rollback.ts';

/**
 * Does something with snapshots of a VM; if it fails, what it registered is taken back, and what could not be
 * is named. @throws PlowError, Interrupted
 */
export async function withWork<T>(
  cannot: string,
  name: string,
  { progress }: VmContext,
  work: (onFailure: OnFailure) => Promise<T>,
): Promise<T> {
  try {
    return await withRollback(work, async (left) =>
      progress.note(
        `left: ${left.join(', ')} (the next snapshot command of VM '${name}' removes what it does not need)`,
      ),
    );
  } catch (error) {
    throw explainOfVm(error, name, cannot);
  }
}
