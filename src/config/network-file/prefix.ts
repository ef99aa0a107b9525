import { isInPrefix } from './network-file.ts';
import type { Prefix } from './network-file.ts';
import { addressMistake, parseCidr, subnetText } from '../values/ipv4.ts';
import { quote } from '../../text/quote.ts';

/** No guest can have an address of these. RFC 6890, RFC 1112; in 169.254.0.0/16 is the gateway of all. */
const NOBODYS: readonly (readonly [text: string, what: string])[] = [
  ['0.0.0.0/8', 'means "this network"'],
  ['127.0.0.0/8', 'stays inside one machine'],
  ['169.254.0.0/16', 'is link-local, and has the gateway of the guests, 169.254.0.1'],
  ['224.0.0.0/3', 'is multicast or reserved'],
];

/** Why a text is not a subnet of guests, or undefined if it is. */
export function prefixMistake(text: string): string | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) return wrongForm(text);
  if (cidr.prefixLength === 0) return `${text} is every address there is: name the subnets of your VMs`;
  const subnet = subnetText(cidr);
  if (subnet !== text) return `has bits of a host: ${text} lies in ${subnet}, write that`;
  const prefix = toPrefix(text);
  const nobodys = NOBODYS.find(([other]) => overlap(prefix, toPrefix(other)));
  return nobodys === undefined ? undefined : `overlaps ${nobodys[0]}, which ${nobodys[1]}`;
}

/** The same as numbers. @param text without a mistake */
export function toPrefix(text: string): Prefix {
  const { address = 0, prefixLength = 0 } = parseCidr(text) ?? {};
  return { text, address, length: prefixLength };
}

/** Of two prefixes that share an address, one holds the other. */
export function overlap(one: Prefix, other: Prefix): boolean {
  return isInPrefix(one.address, other) || isInPrefix(other.address, one);
}

function wrongForm(text: string): string {
  if (text.includes(':')) return 'IPv6 is not supported: routed VMs have IPv4 addresses';
  const isAddress = addressMistake(text) === undefined;
  return isAddress
    ? `needs a prefix length, such as ${text}/32`
    : `must be a subnet with a prefix length of 1 to 32, such as 10.55.0.0/16, got ${quote(text)}`;
}
