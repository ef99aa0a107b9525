import type { Machine } from '../../../config/machine.ts';

/** What the firmware tries first has 1. */
export interface BootOrders {
  /** Of each interface; undefined: it is not tried. */
  readonly interfaces: readonly (number | undefined)[];
  /** Of the boot disk; undefined where nothing is tried before it, so that `<boot dev>` says it all. */
  readonly disk: number | undefined;
}

/** Interfaces that boot from the network, and the boot disk behind them. */
export function bootOrders({ interfaces }: Pick<Machine, 'interfaces'>): BootOrders {
  let tried = 0;
  const orders = interfaces.map(({ bootsFromNetwork }) => (bootsFromNetwork ? (tried += 1) : undefined));
  return { interfaces: orders, disk: tried === 0 ? undefined : tried + 1 };
}
