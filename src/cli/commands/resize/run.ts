import type { Selection } from '../../../vm/list/select.ts';
import { resizeVm } from '../../../vm/resize/resize.ts';
import type { NewSize } from '../../../vm/resize/resize.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { changeEachVm } from '../../run/each-vm.ts';
import type { EachVm } from '../../run/each-vm.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow resize` @throws PlowError, Interrupted */
export async function runResize(
  size: NewSize,
  selection: Selection,
  format: BatchFormat,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const change: EachVm['change'] = (domain, context) => resizeVm(domain, context, size);
  await changeEachVm({ action: 'resize', selection, format, change }, all, environment);
}
