import type { ConfigPath, LoadedMachine } from '../../config/machine.ts';
import { checkText } from '../../config/vm-file/check.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { FileMistake } from '../../errors/plow-error.ts';
import { GIB } from '../../text/units.ts';
import type { ImageRecord } from '../image-store/record.ts';
import type { GateWish } from './wish.ts';

/** By which such a VM is known, besides its name. */
const TAG = 'plow-gate';
const VCPUS = 2;
/** Beside what the image has: it grows its file system. */
const ROOM_GIB = 2;
/** A guest of an image whose size nobody knows. */
const USUAL_GIB = 10;
/** How much longer than its boot it may live, should plow die. */
const LEFT_OVER_MINUTES = 60;
const MS_PER_MINUTE = 60_000;

/** What is to be booted. */
export interface GateGuest {
  readonly name: string;
  readonly path: string;
  readonly record: ImageRecord;
  /** Whose other half is to be let in. */
  readonly publicKey: string;
}

/** Minutes that such a VM lives at most. */
export function lifetimeOf({ withinMs }: Pick<GateWish, 'withinMs'>): number {
  return Math.ceil(withinMs / MS_PER_MINUTE) + LEFT_OVER_MINUTES;
}

/**
 * A VM as a VM file would describe it, of options in place of a file.
 * @throws PlowError (validation) with a line for each option that is wrong
 */
export function gateMachine(guest: GateGuest, wish: GateWish): LoadedMachine {
  const checked = checkText('plow image gate', JSON.stringify(vmFile(guest, wish)), wish.defaults);
  const { machine, diagnostics } = checked;
  if (machine !== undefined) return { machine, warnings: [], locate, mistake };
  const lines = diagnostics.map(({ key, origin, text }) => {
    const source = origin === undefined ? '' : ` (from ${origin})`;
    return `${optionOf(key)}${source}: ${text}`;
  });
  throw new PlowError('validation', lines.join('\n'), {
    mistakes: diagnostics.map(({ key, text }) => ({ key: optionOf(key), message: text })),
  });
}

function vmFile({ name, path, record, publicKey }: GateGuest, wish: GateWish): object {
  const { ip, bridge, gateway, memoryMib, firmware, needs } = wish;
  const known = record.needs ?? needs(record.name);
  const { capacityBytes } = record;
  return {
    name,
    description: `Throw-away boot of ${record.name}@${record.version}`,
    tags: [TAG],
    expires: `${lifetimeOf(wish)}m`,
    autostart: false,
    vcpus: VCPUS,
    memory_mib: memoryMib,
    firmware: firmware ?? known?.firmware,
    boot_disk: {
      image: path,
      size_gb: capacityBytes === null ? USUAL_GIB : Math.ceil(capacityBytes / GIB) + ROOM_GIB,
    },
    network_interfaces: [{ ip, bridge, gateway }],
    cloud_init: {
      ssh_keys: [publicKey],
      ...(known?.seedBus === undefined ? {} : { bus: known.seedBus }),
    },
  };
}

const OPTIONS: Readonly<Record<string, string>> = {
  'network_interfaces[0].ip': '--ip',
  'network_interfaces[0].bridge': '--bridge',
  'network_interfaces[0].gateway': '--gateway',
  memory_mib: '--memory',
  firmware: '--firmware',
  'boot_disk.image': 'the image',
};

/** What a user has given it by; a VM file's own word for what no option says. */
function optionOf(key: string): string {
  return OPTIONS[key] ?? key;
}

function locate(path: ConfigPath): string {
  const key = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return optionOf(key.replace(/^\./u, ''));
}

function mistake(path: ConfigPath, message: string): FileMistake {
  return { key: locate(path), message };
}
