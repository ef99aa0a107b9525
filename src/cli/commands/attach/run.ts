import { attachDisk } from '../../../vm/attach/attach-disk.ts';
import type { NewDisk } from '../../../vm/attach/attach-disk.ts';
import { detachDisk } from '../../../vm/attach/detach-disk.ts';
import { selectVms } from '../../../vm/list/select.ts';
import type { Environment } from '../../environment.ts';
import { DONE, runBatch } from '../../run/batch.ts';
import type { BatchFormat, Task } from '../../run/batch.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

/** What a VM gets or loses. */
export type Device =
  | ({ readonly action: 'attach' } & NewDisk)
  | { readonly action: 'detach'; readonly target: string };

/** `plow attach`, `plow detach` @throws PlowError, Interrupted */
export async function runAttach(
  device: Device,
  name: string,
  format: BatchFormat,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const reaction = 'stopping here; run the same command again to go on';
  await runWorkflow(settings, environment, reaction, async (context, pause) => {
    const vms = await selectVms({ words: [name], all: false, tags: [] }, context.hypervisor);
    const { action } = device;
    const tasks = vms.map((vm): Task => ({
      name: vm.name,
      known: { uuid: vm.uuid },
      run: async (ownContext) => {
        using domain = await vm.find();
        const changed =
          device.action === 'attach'
            ? await attachDisk(domain, ownContext, device)
            : await detachDisk(domain, ownContext, device.target);
        const status = changed === 'changed' ? DONE[action] : 'unchanged';
        return { name: domain.name, uuid: domain.uuid, status, addresses: [], left: [] };
      },
    }));
    const { verbose } = settings;
    await runBatch(tasks, { action, format, atOnce: 1, verbose, pause }, context, environment);
  });
}
