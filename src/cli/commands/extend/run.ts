import { extendLease } from '../../../vm/lease/extend.ts';
import type { Extension } from '../../../vm/lease/extend.ts';
import type { Selection } from '../../../vm/list/select.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { changeEachVm } from '../../run/each-vm.ts';
import type { EachVm } from '../../run/each-vm.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow extend` @throws PlowError, Interrupted */
export async function runExtend(
  selection: Selection,
  extension: Extension,
  format: BatchFormat,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const change: EachVm['change'] = async (domain, context) =>
    (await extendLease(domain, context, extension)) ? 'changed' : 'unchanged';
  await changeEachVm({ action: 'extend', selection, format, change }, all, environment);
}
