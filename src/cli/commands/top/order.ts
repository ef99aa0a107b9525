import { SORT_NAMES, SORTS } from '../../../views/top/columns.ts';
import type { Order } from './frame.ts';

/** The order after a key: one of `SORTS`, or R, whatever the case. */
export function keyed(order: Order, key: string): Order {
  const upper = key.toUpperCase();
  if (upper === 'R') return { ...order, reverse: order.reverse !== true };
  const sort = SORT_NAMES.find((name) => SORTS[name].key === upper);
  return sort === undefined ? order : { sort, reverse: false };
}
