import { IO_LIMITS } from '../../machine/extras.ts';
import type { Extras, IoLimits } from '../../machine/extras.ts';
import type { ConfigFile } from '../schema/vm-file.ts';

/** What few VMs have, as a file that was checked says it. */
export function toExtras(file: ConfigFile): Extras {
  const { watchdog } = file;
  return {
    fwCfg: file.fw_cfg,
    hasTpm: file.tpm,
    hasSecureBoot: file.secure_boot,
    watchdog: typeof watchdog === 'string' ? { model: 'i6300esb', action: watchdog } : watchdog,
    ioThreads: file.iothreads,
    shares: file.shares.map(({ source, tag, read_only }) => ({ source, tag, isReadOnly: read_only })),
  };
}

/** Nothing where nothing is bounded. */
export function toIoLimits(limits: ConfigFile['boot_disk']['io_limits']): { readonly ioLimits?: IoLimits } {
  if (limits === undefined) return {};
  const said = IO_LIMITS.flatMap(({ field, key }) => {
    const value = limits[key];
    return value === undefined ? [] : [[field, value] as const];
  });
  return { ioLimits: Object.fromEntries(said) };
}
