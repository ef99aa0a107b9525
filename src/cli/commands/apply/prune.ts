import { Interrupted } from '../../../errors/interrupted.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { findSurplus } from '../../../vm/fleet/prune.ts';
import type { GivenFiles } from '../../../vm/fleet/prune.ts';
import type { VmContext } from '../../../vm/context.ts';
import type { Task } from '../../run/batch/task.ts';
import { tasksOfHost } from '../destroy/run.ts';
import type { ApplyOptions } from './options.ts';
import type { Pruned } from './pruned.ts';
import type { Teller } from './tell.ts';
import type { Work } from './work.ts';

interface Around {
  readonly given: GivenFiles;
  readonly options: Pick<ApplyOptions, 'prune' | 'format'>;
  readonly context: VmContext;
  readonly teller: Teller;
}

/** What is done with VMs of one host that have no file any more: destroyed as plow destroy does, or told. */
export function pruneTasks(
  pruned: readonly Pruned[],
  { given, options, context, teller }: Around,
): readonly Work[] {
  const meant = pruned.map(({ surplus }) => ({
    name: surplus.name,
    uuid: surplus.uuid,
    isNamed: false,
    find: () => findSurplus(surplus, given, context),
  }));
  const tasks = tasksOfHost(meant, {
    format: options.format,
    graceMs: undefined,
    isForced: false,
    isSure: true,
    ifExists: false,
    undoMinutes: options.prune?.undoMinutes,
    keepsData: false,
    dropsTpm: false,
  });
  return tasks.flatMap((task, index): readonly Work[] => {
    const one = pruned[index];
    if (one === undefined) return [];
    return [{ task: { ...task, run: told(task, one, teller) }, planned: undefined, pruned: one }];
  });
}

function told(task: Task, one: Pruned, teller: Teller): Task['run'] {
  const { kept } = one.surplus;
  return async (context, onLeft) => {
    try {
      if (kept !== undefined) throw kept.error;
      const done = await task.run(context, onLeft);
      const notes = done.left.map(({ what, why }) => `left: ${what}${why === null ? '' : ` (${why})`}`);
      teller.pruned(one, { status: 'destroyed', notes });
      return { ...done, status: 'applied' };
    } catch (error) {
      const status = error instanceof Interrupted ? 'interrupted' : 'failed';
      teller.pruned(one, { status, error: error instanceof PlowError ? error : undefined });
      throw error;
    }
  };
}
