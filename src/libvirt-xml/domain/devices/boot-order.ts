import { bootList } from '../../../config/machine/media.ts';
import { bootInterface } from '../../../config/values/media.ts';
import type { Machine } from '../../../config/machine.ts';

/** What the firmware tries first has 1; what it does not try is undefined. */
export interface BootOrders {
  /** False where it tries the boot disk alone: `<boot dev>` says that, and no device has an order. */
  readonly areThere: boolean;
  readonly interfaces: readonly (number | undefined)[];
  readonly disk: number | undefined;
  readonly cdrom: number | undefined;
}

/** The one place where a boot list becomes orders of devices. */
export function bootOrders(machine: Pick<Machine, 'interfaces' | 'boot' | 'cdrom'>): BootOrders {
  const list = bootList(machine);
  const orderOf = (isIt: (word: string) => boolean): number | undefined => {
    const index = list.findIndex(isIt);
    return index < 0 || isPlain ? undefined : index + 1;
  };
  const isPlain = list.join() === 'disk';
  return {
    areThere: !isPlain,
    interfaces: machine.interfaces.map((_, index) => orderOf((word) => bootInterface(word) === index)),
    disk: orderOf((word) => word === 'disk'),
    cdrom: orderOf((word) => word === 'cdrom'),
  };
}
