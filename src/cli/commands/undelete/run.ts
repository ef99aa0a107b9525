import { undelete } from '../../../vm/lease/undo.ts';
import type { Selection } from '../../../vm/list/select.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { changeEachVm } from '../../run/each-vm.ts';
import type { EachVm } from '../../run/each-vm.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow undelete` @throws PlowError, Interrupted */
export async function runUndelete(
  selection: Selection,
  staysOff: boolean,
  format: BatchFormat,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const change: EachVm['change'] = async (domain, context) =>
    (await undelete(domain, context, { staysOff })) ? 'changed' : 'unchanged';
  await changeEachVm({ action: 'undelete', selection, format, change }, all, environment);
}
