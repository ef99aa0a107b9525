import { isInPrefix } from './network-file.ts';
import type { Prefix } from './network-file.ts';
import { addressMistake, parseCidr, subnetText } from '../values/ipv4.ts';
import { NOBODYS } from '../values/tap.ts';
import { quote } from '../../text/quote.ts';

/** Why a text is not a subnet of guests, or undefined if it is. */
export function prefixMistake(text: string): string | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) return wrongForm(text);
  if (cidr.prefixLength === 0) return `${text} is every address there is: name the subnets of your VMs`;
  const subnet = subnetText(cidr);
  if (subnet !== text) return `has bits of a host: ${text} lies in ${subnet}, write that`;
  const prefix = toPrefix(text);
  const nobodys = NOBODYS.find(({ net }) => overlap(prefix, toPrefix(net)));
  return nobodys === undefined ? undefined : `overlaps ${nobodys.net}, which ${nobodys.what}`;
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
