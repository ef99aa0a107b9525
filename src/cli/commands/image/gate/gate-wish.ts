import type { Firmware } from '../../../../config/machine.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import { catalogOf } from '../../../../images/catalog/from-settings.ts';
import { MIB_PER_GIB } from '../../../../text/units.ts';
import type { GateWish } from '../../../../vm/gate/wish.ts';
import type { KnownImages } from '../../../settings/images.ts';
import type { Settings } from '../../../settings/settings.ts';

/** Options of a throw-away boot. */
export interface GateOptions {
  readonly ip?: string;
  readonly bridge?: string;
  readonly gateway?: string;
  /** MiB. */
  readonly memory?: number;
  readonly firmware?: Firmware;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly keep?: boolean;
}

/** Enough for the cloud images of all distributions. */
const MEMORY_MIB = 2 * MIB_PER_GIB;
const WITHIN_MS = 300_000;

/** What options and settings say of a throw-away boot. @throws PlowError (config) */
export function gateWish(
  { ip, bridge, gateway, memory, firmware, timeout, keep }: GateOptions,
  { images }: Pick<KnownImages, 'images'>,
  { virtType, fill }: Pick<Settings, 'virtType' | 'fill'>,
): GateWish {
  if (ip === undefined)
    throw new PlowError('config', 'a throw-away boot needs an address that nobody has', {
      hint: 'for instance --bridge br0 --ip 10.0.0.250/24 --gateway 10.0.0.1; bridge and gateway may be defaults of the settings file',
    });
  const catalog = catalogOf(images);
  return {
    ip,
    bridge,
    gateway,
    memoryMib: memory ?? MEMORY_MIB,
    firmware,
    needs: (name) => catalog.find((entry) => entry.name === name)?.needs,
    defaults: { virtType, fill },
    withinMs: timeout ?? WITHIN_MS,
    isKept: keep === true,
  };
}

/** What says how the throw-away boot is to be, and nothing without one. */
const OF_GATE = ['ip', 'bridge', 'gateway', 'memory', 'firmware', 'timeout'] as const;

/** @throws PlowError (config) where options of a throw-away boot are given, and none is asked for */
export function assertGated(options: GateOptions): void {
  const wrong = OF_GATE.find((name) => options[name] !== undefined);
  if (wrong !== undefined) throw new PlowError('config', `--${wrong} goes with --gate`);
}
