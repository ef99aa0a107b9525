import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import type { Words } from './piece.ts';

/**
 * Which interfaces the firmware tries before the boot disk, as a file can say it: in their order, and the
 * disk right behind them. What is otherwise is told.
 */
export function networkBoots(
  { interfaces, disks }: Pick<DomainFacts, 'interfaces' | 'disks'>,
  words: Words,
): readonly boolean[] {
  const disk = disks.find(({ device }) => device === 'disk')?.bootOrder;
  const orders = interfaces.map(({ bootOrder }) => bootOrder);
  const before = orders.map((order) => order !== undefined && (disk === undefined || order < disk));
  const tried = orders.filter((order, index) => order !== undefined && before[index] === true);
  for (const [index, order] of orders.entries()) {
    if (order !== undefined && before[index] !== true)
      words.at(
        ['network_interfaces', index],
        `the firmware tries it after the boot disk (boot order ${order}), which plow cannot say`,
      );
  }
  if (tried.length === 0) return before;
  if (disk === undefined)
    words.at(
      ['network_interfaces', before.indexOf(true)],
      'the VM boots from the network alone; plow tries the boot disk after it',
    );
  if (!isAscending(tried))
    words.at(
      ['network_interfaces'],
      `the firmware tries them in another order (${tried.join(', ')}); plow in that of the file`,
    );
  return before;
}

function isAscending(orders: readonly (number | undefined)[]): boolean {
  return orders.every((order, index) => index === 0 || (order ?? 0) > (orders[index - 1] ?? 0));
}
