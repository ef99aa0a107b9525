import { attachDisk } from '../../../vm/attach/attach-disk.ts';
import type { NewDisk } from '../../../vm/attach/attach-disk.ts';
import { attachNic } from '../../../vm/attach/attach-nic.ts';
import { detachNic } from '../../../vm/attach/detach-nic.ts';
import { toInterface } from '../../../config/vm-file/to-machine.ts';
import { detachDisk } from '../../../vm/attach/detach-disk.ts';
import type { GuardOf } from '../../run/address-guard.ts';
import type { Selection } from '../../../vm/list/select.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { changeEachVm } from '../../run/each-vm.ts';
import type { EachVm } from '../../run/each-vm.ts';
import type { Settings } from '../../settings/settings.ts';

/** What a VM gets or loses. */
export type Device =
  | ({ readonly action: 'attach'; readonly what: 'disk' } & NewDisk)
  | { readonly action: 'attach'; readonly what: 'nic'; readonly nic: Parameters<typeof toInterface>[0] }
  | { readonly action: 'detach'; readonly what: 'disk'; readonly target: string }
  | { readonly action: 'detach'; readonly what: 'nic'; readonly which: string };

/** Each makes a file on the same storage, or waits for its guest. */
const AT_ONCE = 8;

/** `plow attach`, `plow detach` @param guardOf of an interface that is new @throws PlowError, Interrupted */
export async function runAttach(
  device: Device,
  selection: Selection,
  format: BatchFormat,
  all: readonly Settings[],
  environment: Environment,
  guardOf?: GuardOf,
): Promise<void> {
  const { action } = device;
  const change: EachVm['change'] = (domain, context) => {
    if (device.what === 'disk') {
      return device.action === 'attach'
        ? attachDisk(domain, context, device)
        : detachDisk(domain, context, device.target);
    }
    return device.action === 'attach'
      ? attachNic(domain, context, toInterface(device.nic, false))
      : detachNic(domain, context, device.which);
  };
  const guarded = guardOf === undefined ? {} : { guardOf };
  await changeEachVm({ action, selection, format, atOnce: AT_ONCE, change, ...guarded }, all, environment);
}
