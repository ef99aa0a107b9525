import type { SelectedVm } from '../../vm/list/select.ts';
import { waitForVm } from '../../vm/wait/wait.ts';
import type { WaitOptions } from '../../vm/wait/wait.ts';
import type { Task } from './batch/task.ts';

/** Waits for one VM. */
export function waitTask(
  { name, uuid, find }: Pick<SelectedVm, 'name' | 'uuid' | 'find'>,
  options: WaitOptions,
): Task {
  return {
    name,
    known: { uuid },
    run: async (context) => {
      using domain = await find();
      const { step, address } = await waitForVm(domain, options, context);
      return {
        name: domain.name,
        uuid: domain.uuid,
        status: 'reached',
        addresses: address === undefined ? [] : [address],
        left: [],
        waited: { condition: options.condition, step, verdict: null },
      };
    },
  };
}
