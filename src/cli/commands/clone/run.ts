import { cloneVm } from '../../../vm/clone/clone.ts';
import type { CloneWish } from '../../../vm/clone/wish.ts';
import type { AddressGuard } from '../../../vm/address-guard.ts';
import type { Environment } from '../../environment.ts';
import { DONE } from '../../run/batch/actions.ts';
import { runBatch } from '../../run/batch/batch.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import type { Task } from '../../run/batch/task.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow clone` @throws PlowError, Interrupted */
export async function runClone(
  source: string,
  { guard, ...wish }: CloneWish & { readonly guard: AddressGuard },
  format: BatchFormat,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const { name, addresses } = wish;
  const known = { name, addresses: addresses.map((one) => one.split('/')[0] ?? one), left: [] };
  const task: Task = {
    name,
    known,
    run: async (context, onLeft) => {
      const made = await cloneVm(source, wish, context, onLeft);
      return { ...known, ...made, status: DONE.clone };
    },
  };
  await runWorkflow(settings, environment, 'stopping', async (context, pause) => {
    const how = { action: 'clone', format, atOnce: 1, verbose: settings.verbose, pause } as const;
    await runBatch([task], how, { ...context, guard }, environment);
  });
}
