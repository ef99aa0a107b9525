import { createHash } from 'node:crypto';
import type { VmContext } from '../../../vm/context.ts';
import type { Ends } from '../../../vm/move/ends.ts';
import { moveVm } from '../../../vm/move/move.ts';
import type { MoveWish } from '../../../vm/move/move.ts';
import { moveUnderWay, takeBack } from '../../../vm/move/waiting.ts';
import type { Environment } from '../../environment.ts';
import type { GlobalOptions } from '../../record/command.ts';
import { runBatch } from '../../run/batch/batch.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { atHost, progressFor } from '../../run/batch/heard.ts';
import type { Task } from '../../run/batch/task.ts';
import { toldOf } from '../../run/moved.ts';
import { hostName } from '../../run/hosts/several.ts';
import { withHosts } from '../../run/hosts/with-hosts.ts';
import { makeProgress, runReport } from '../../run/session.ts';
import { settingsAt } from '../../settings/at.ts';
import { settingsOf } from '../../settings/settings.ts';
import type { Settings } from '../../settings/settings.ts';

interface Wish extends MoveWish {
  /** Undefined: where the VM is on its way to. */
  readonly to: string | undefined;
  /** What is done with a move that did not end. */
  readonly waits: 'resume' | 'abort' | undefined;
}

/** `plow move` @throws PlowError, Interrupted */
export async function runMove(
  name: string,
  wish: Wish,
  format: BatchFormat,
  globals: GlobalOptions,
  environment: Environment,
): Promise<void> {
  const from = await settingsOf(globals, environment, 'a place for VMs');
  const host = wish.to ?? (await hostUnderWay(name, from, environment));
  const to = await settingsAt(host, globals, environment);
  const { progress, stop } = await makeProgress(environment, from);
  const how = { reaction: 'stopping', progress: progressFor(format, progress) };
  try {
    await withHosts([from, to], how, environment, async ([source, target]) => {
      if (source === undefined || target === undefined) throw new Error('there are two hosts');
      const [context, there] = await Promise.all([source.context, target.context]);
      const names = [hostName(from), hostName(to)] as const;
      const task = taskOf(name, wish, names, there);
      const batch = { action: 'move', format, atOnce: 1, verbose: from.verbose, pause: stop } as const;
      await runBatch([task], batch, context, environment);
    });
  } finally {
    stop();
  }
}

async function hostUnderWay(name: string, from: Settings, environment: Environment): Promise<string> {
  const looking = (context: VmContext): Promise<{ readonly host: string }> => moveUnderWay(name, context);
  return (await runReport(from, environment, undefined, looking)).host;
}

function taskOf(
  name: string,
  wish: Wish,
  [here, there]: readonly [string, string],
  destination: VmContext,
): Task {
  return {
    name,
    run: async (context) => {
      const progress = atHost(there, context.progress);
      const ends: Ends = {
        from: { name: here, context },
        to: { name: there, context: { ...destination, progress } },
        newHasher: createHash,
      };
      const nothing = { name, addresses: [], left: [] };
      if (wish.waits === 'abort')
        return { ...nothing, ...(await takeBack(name, ends)), status: 'taken back' };
      return toldOf(name, await moveVm(name, wish, ends));
    },
  };
}
