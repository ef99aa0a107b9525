import { changeMedium } from '../../../vm/attach/media.ts';
import type { MediaWish } from '../../../vm/attach/media.ts';
import type { Selection } from '../../../vm/list/select.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { changeEachVm } from '../../run/each-vm.ts';
import type { EachVm } from '../../run/each-vm.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow media eject`, `plow media insert` @throws PlowError, Interrupted */
export async function runMedia(
  wish: MediaWish,
  selection: Selection,
  format: BatchFormat,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const change: EachVm['change'] = (domain, context) => changeMedium(domain, context, wish);
  await changeEachVm({ action: `media ${wish.action}`, selection, format, change }, all, environment);
}
