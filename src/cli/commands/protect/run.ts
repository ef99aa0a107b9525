import type { Selection } from '../../../vm/list/select.ts';
import { protectVm } from '../../../vm/protection/protect.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { changeEachVm } from '../../run/each-vm.ts';
import type { EachVm } from '../../run/each-vm.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow protect` and `plow unprotect` @throws PlowError, Interrupted */
export async function runProtect(
  action: 'protect' | 'unprotect',
  selection: Selection,
  format: BatchFormat,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const change: EachVm['change'] = async (domain, context) =>
    (await protectVm(domain, context, action === 'protect')) ? 'changed' : 'unchanged';
  await changeEachVm({ action, selection, format, change }, all, environment);
}
