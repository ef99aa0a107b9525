import { IO_LIMITS } from '../../machine/extras.ts';
import { FW_CFG_NAME } from '../../values/extras.ts';
import type { ConfigPath } from '../../machine.ts';
import { machineFamily } from '../../architectures.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { shareMistakes } from './shares.ts';
import { isMap, listAt, valueAt } from '../../yaml/raw-value.ts';

/** What few VMs have, and what of it cannot be together. @param file as it was written */
export function extraMistakes(file: unknown): readonly Mistake[] {
  return [
    ...secureBootMistakes(file),
    ...watchdogMistakes(file),
    ...fwCfgMistakes(file),
    ...shareMistakes(file),
    ...limitMistakes(valueAt(file, 'boot_disk'), ['boot_disk']),
    ...listAt(file, 'data_disks').flatMap((disk, index) => limitMistakes(disk, ['data_disks', index])),
  ];
}

/** The firmware keeps its keys in memory that only system management mode may write, which q35 has. */
function secureBootMistakes(file: unknown): readonly Mistake[] {
  if (valueAt(file, 'secure_boot') !== true) return [];
  const path = ['secure_boot'];
  if (valueAt(file, 'firmware') === 'bios') return [{ path, text: 'needs UEFI, and firmware says bios' }];
  if (valueAt(file, 'arch') === 'aarch64') return [{ path, text: NO_ARM }];
  const machine = valueAt(file, 'machine');
  return typeof machine === 'string' && isPc(machine)
    ? [{ path, text: `needs machine q35, and machine says ${machine}` }]
    : [];
}

const NO_ARM = 'a VM of aarch64 cannot have it';

function watchdogMistakes(file: unknown): readonly Mistake[] {
  if (valueAt(valueAt(file, 'watchdog'), 'model') !== 'ib700') return [];
  const machine = valueAt(file, 'machine');
  if (typeof machine === 'string' && isPc(machine)) return [];
  const text = 'ib700 is of machine pc alone: write machine: pc, or take i6300esb';
  return [{ path: ['watchdog', 'model'], text }];
}

/** One file has the name, and Ignition would read whichever comes last. */
function fwCfgMistakes(file: unknown): readonly Mistake[] {
  const provisioning = valueAt(file, 'provisioning');
  if (valueAt(provisioning, 'format') !== 'ignition') return [];
  const own = valueAt(valueAt(provisioning, 'ignition'), 'fw_cfg_name') ?? FW_CFG_NAME;
  return listAt(file, 'fw_cfg').flatMap((one, index) =>
    valueAt(one, 'name') === own
      ? [
          {
            path: ['fw_cfg', index, 'name'],
            text: `${typeof own === 'string' ? own : ''} is what Ignition reads, by provisioning`,
          },
        ]
      : [],
  );
}

function isPc(machine: string): boolean {
  return machineFamily(machine)?.family === 'pc';
}

/** libvirt has either for each that is counted, and not both. */
function limitMistakes(disk: unknown, at: ConfigPath): readonly Mistake[] {
  const limits = valueAt(disk, 'io_limits');
  if (!isMap(limits)) return [];
  const path = [...at, 'io_limits'];
  if (Object.keys(limits).length === 0)
    return [{ path, text: 'says nothing: give a limit, or leave it out' }];
  return IO_LIMITS.flatMap(({ key, isTotal, counts }) => {
    if (!isTotal || limits[key] === undefined) return [];
    const parts = IO_LIMITS.filter((one) => !one.isTotal && one.counts === counts);
    const part = parts.find((one) => limits[one.key] !== undefined);
    return part === undefined
      ? []
      : [
          {
            path: [...path, key],
            text: `${part.key} bounds a part of it already; keep the total or its parts`,
          },
        ];
  });
}
