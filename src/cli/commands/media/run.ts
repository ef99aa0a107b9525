import { createHash } from 'node:crypto';
import { openLocalFile } from '../../../config/files/open-local.ts';
import { isLocalImage } from '../../../config/values/names.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { mediumHere, mediumThere } from '../../../vm/attach/find-medium.ts';
import { changeMedium } from '../../../vm/attach/media.ts';
import type { MediaWish } from '../../../vm/attach/media.ts';
import type { Selection } from '../../../vm/list/select.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { changeEachVm } from '../../run/each-vm.ts';
import type { EachVm } from '../../run/each-vm.ts';
import type { Settings } from '../../settings/settings.ts';

/** What the command line says of a drive. */
export interface MediaOrder {
  readonly action: MediaWish['action'];
  /** Of insert: a path, a name or a file of this machine; undefined: what was in it last. */
  readonly image: string | undefined;
  readonly isForced: boolean;
}

/** `plow media eject`, `plow media insert` @throws PlowError, Interrupted */
export async function runMedia(
  order: MediaOrder,
  selection: Selection,
  format: BatchFormat,
  all: readonly Settings[],
  environment: Environment,
): Promise<void> {
  const { action, image, isForced } = order;
  const work = async (wish: MediaWish): Promise<void> => {
    const change: EachVm['change'] = (domain, context) => changeMedium(domain, context, wish);
    await changeEachVm({ action: `media ${action}`, selection, format, change }, all, environment);
  };
  if (action === 'eject') return work({ action, isForced });
  if (image === undefined || !isLocalImage(image))
    return work({ action, find: image === undefined ? undefined : mediumThere(image), isForced });
  const opened = await openLocalFile(image);
  if ('problem' in opened) throw new PlowError('config', `${image} ${opened.problem}`);
  using file = opened;
  await work({ action, find: mediumHere(file, () => createHash('sha256')), isForced });
}
