import type { AddressGuard } from '../../../../vm/address-guard.ts';
import { gateImage } from '../../../../vm/gate/gate-image.ts';
import type { Environment } from '../../../environment.ts';
import type { KnownImages } from '../../../settings/images.ts';
import type { Settings } from '../../../settings/settings.ts';
import { loginTools } from '../../ssh/log-in.ts';
import type { UpdateOptions } from '../lock/update.ts';
import { gateWish } from './gate-wish.ts';
import type { GateOptions } from './gate-wish.ts';

/**
 * What lets an image into the lock once it has passed its throw-away boot, now or before.
 * @throws PlowError (config)
 */
export function updateGate(
  options: GateOptions,
  { known, guard }: { readonly known: KnownImages; readonly guard: AddressGuard },
  settings: Settings,
  environment: Environment,
): NonNullable<UpdateOptions['gate']> {
  const wish = gateWish(options, known, settings);
  const tools = loginTools(environment);
  return async ({ record: { name, version, gate } }, context) => {
    const label = `${name}@${version}`;
    if (gate?.result === 'passed') return context.progress.done(`${label} has passed its gate before`);
    const { failure } = await gateImage(label, wish, tools, { ...context, guard });
    if (failure !== undefined) throw failure;
  };
}
