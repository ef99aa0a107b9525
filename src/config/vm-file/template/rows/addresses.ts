import {
  hostCidrMistake,
  formatIpv4,
  inSubnet,
  parseCidr,
  parseIpv4,
  reservedInSubnet,
  subnetText,
} from '../../../values/ipv4.ts';
import type { Cidr } from '../../../values/ipv4.ts';
import type { Mistake } from '../../../yaml/mistake.ts';
import { leaf } from '../../../yaml/place.ts';
import type { Place } from '../../../yaml/place.ts';
import { hasHole } from './holes.ts';
import { replaced, wrongAt } from '../trees.ts';

const IP = /^network_interfaces\.\d+\.ip$/u;

/** Where addresses end. */
const LAST = 2 ** 32 - 1;

/**
 * A VM of several, with its addresses counted up: an address without a hole is that of the first one.
 * @param template with the holes as they were @param index from 0
 */
export function withAddresses(vm: Place, template: Place, index: number): Place {
  if (index === 0) return vm;
  return replaced(vm, (place, path) => {
    if (!IP.test(path.join('.'))) return place;
    const [list, at = 0] = path;
    const first = template.children
      .get(list ?? '')
      ?.children.get(at)
      ?.children.get('ip');
    const cidr = first && countable(first);
    if (cidr === undefined) return place;
    return leaf(`${formatIpv4(cidr.address + index)}/${cidr.prefixLength}`, place);
  });
}

/** What keeps addresses from being counted up for so many VMs. */
export function addressMistakes(template: Place, count: number): readonly Mistake[] {
  const interfaces = [...(template.children.get('network_interfaces')?.children.values() ?? [])];
  return interfaces.flatMap((entry, at) => {
    const place = entry.children.get('ip');
    const cidr = place && countable(place);
    if (cidr === undefined || place === undefined) return [];
    const gateway = entry.children.get('gateway')?.value;
    const text = spanMistake(cidr, count, typeof gateway === 'string' ? gateway : '');
    return text === undefined ? [] : [wrongAt(place, ['network_interfaces', at, 'ip'], text)];
  });
}

function spanMistake(cidr: Cidr, count: number, gateway: string): string | undefined {
  const { address, prefixLength, text } = cidr;
  const isFree = prefixLength === 32;
  const isUsable = (one: number): boolean =>
    one <= LAST && (isFree || (inSubnet(one, cidr) && reservedInSubnet(one, cidr) === undefined));
  let room = 0;
  while (room < count && isUsable(address + room)) room += 1;
  if (room < count) {
    const all = isFree ? 'all addresses' : subnetText(cidr);
    return `${count} VMs from ${text} on run out of ${all}: there is room for ${room}`;
  }
  const via = parseIpv4(gateway);
  if (via === undefined || via <= address || via >= address + count) return undefined;
  return `VM ${via - address + 1} of ${count} would have ${gateway}, the address of the gateway`;
}

function countable({ value }: Place): Cidr | undefined {
  if (typeof value !== 'string' || hasHole(value) || hostCidrMistake(value) !== undefined) return undefined;
  return parseCidr(value);
}
