import { attachDisk } from '../../../vm/attach/attach-disk.ts';
import type { NewDisk } from '../../../vm/attach/attach-disk.ts';
import { detachDisk } from '../../../vm/attach/detach-disk.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch.ts';
import { changeEachVm } from '../../run/each-vm.ts';
import type { EachVm } from '../../run/each-vm.ts';
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
  const { action } = device;
  const selection = { words: [name], all: false, tags: [] };
  const change: EachVm['change'] = (domain, context) =>
    device.action === 'attach'
      ? attachDisk(domain, context, device)
      : detachDisk(domain, context, device.target);
  await changeEachVm({ action, selection, format, atOnce: 1, change }, settings, environment);
}
