import type { VmContext } from '../../../vm/context.ts';
import type { Batch, Expected } from '../../run/batch/batch.ts';
import type { Planned } from './compare.ts';
import type { Task } from '../../run/batch/task.ts';
import { prunedName } from './pruned.ts';
import type { Pruned } from './pruned.ts';
import { labelOf } from './turns.ts';
import type { Failures, Turns } from './turns.ts';

/** Something that is to be done on one host. */
export interface Work {
  readonly task: Task;
  /** With what: a VM of the files, or one that has no file any more. */
  readonly planned: Planned | undefined;
  readonly pruned: Pruned | undefined;
}

export interface HostsWork {
  readonly context: VmContext;
  /** Its name, where there are several. */
  readonly host: string | undefined;
  readonly all: readonly Work[];
}

interface Begun extends Work {
  readonly entry: Expected;
  readonly wave: number;
}

/** What is only told goes before all, what has no file any more after all. */
const TOLD = 0;
const GONE = Number.MAX_SAFE_INTEGER;

/**
 * Does what is to be done on all hosts, one wave after the other.
 * @param failures what fails is noted there by the tasks, and decides on what follows
 */
export async function workInWaves(
  hosts: readonly HostsWork[],
  turns: Turns,
  failures: Failures,
  batch: Batch,
): Promise<void> {
  const all = hosts.map(({ context, host, all: works }) => {
    const entries = batch.expect(
      works.map(({ task }) => task),
      host,
    );
    const begun = works.flatMap((work, index): readonly Begun[] => {
      const entry = entries[index];
      const { planned } = work;
      const wave = planned === undefined ? GONE : (turns.get(planned)?.wave ?? TOLD);
      return entry === undefined ? [] : [{ ...work, entry, wave }];
    });
    return { context, begun };
  });
  const waves = [...new Set(all.flatMap(({ begun }) => begun.map(({ wave }) => wave)))];
  for (const wave of waves.toSorted((a, b) => a - b)) {
    const isEnough = (): boolean => wave !== TOLD && failures.isEnough();
    await Promise.all(
      all.map(({ context, begun }) => {
        const some = begun.filter((one) => one.wave === wave && (wave === TOLD || !isKept(one, failures)));
        return batch.work(
          some.map(({ entry }) => entry),
          context,
          isEnough,
        );
      }),
    );
  }
  for (const { begun } of all)
    for (const one of begun) if (one.entry.outcome === undefined) leave(one, failures);
}

function isKept({ planned }: Begun, failures: Failures): boolean {
  return planned === undefined ? failures.isEnough() : failures.keeps(planned);
}

function leave({ planned, pruned }: Begun, failures: Failures): void {
  if (planned !== undefined) failures.leave(labelOf(planned), planned.loaded.machine.group);
  if (pruned !== undefined) failures.leave(prunedName(pruned), undefined);
}
