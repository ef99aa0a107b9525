import { quote } from '../../text/quote.ts';

/** An IPv4 address in its subnet. Addresses are unsigned 32-bit numbers. */
export interface Cidr {
  readonly address: number;
  readonly text: string;
  readonly prefixLength: number;
}

/** How many addresses have one first octet. */
const FIRST_OCTET = 2 ** 24;

const OCTET = '(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])';
const ADDRESS = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/**
 * Strictly four decimal octets: `010` is 8 to some programs and 10 to others, so leading zeros are no
 * address.
 */
export function parseIpv4(text: string): number | undefined {
  if (!ADDRESS.test(text)) {
    return undefined;
  }
  return text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** `10.20.30.40/24`; undefined for anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const [, dotted = '', prefix = ''] = /^([^/]*)\/(0|[1-9][0-9]?)$/.exec(text) ?? [];
  const address = parseIpv4(dotted);
  const prefixLength = Number(prefix);
  return address === undefined || prefixLength > 32 ? undefined : { address, text: dotted, prefixLength };
}

/** The first address of the subnet: the network itself. */
function networkAddress({ address, prefixLength }: Cidr): number {
  return address - (address % subnetSize(prefixLength));
}

/** The last address of the subnet: its broadcast address. */
function broadcastAddress(cidr: Cidr): number {
  return networkAddress(cidr) + subnetSize(cidr.prefixLength) - 1;
}

export function inSubnet(address: number, cidr: Cidr): boolean {
  return address >= networkAddress(cidr) && address <= broadcastAddress(cidr);
}

/** `10.20.30.0/24` of any address in it. */
export function subnetText(cidr: Cidr): string {
  return `${formatIpv4(networkAddress(cidr))}/${cidr.prefixLength}`;
}

/**
 * Addresses that hosts of a subnet can have, dotted, from the one that is given on: those that
 * hostCidrMistake has nothing against.
 */
export function* hostsFrom(cidr: Cidr): Generator<string> {
  const last = broadcastAddress(cidr);
  for (let address = cidr.address; address <= last; address += 1) {
    // What is never a host's is so up to the end of its /8.
    if (neverAHost(address) !== undefined) address += FIRST_OCTET - 1 - (address % FIRST_OCTET);
    else if (reservedInSubnet(address, cidr) === undefined) yield formatIpv4(address);
  }
}

/** Dotted form. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/**
 * Whether the address names the subnet or all of its hosts, in words.
 * A /31 has neither (RFC 3021), nor has a /32.
 */
export function reservedInSubnet(address: number, cidr: Cidr): string | undefined {
  if (cidr.prefixLength > 30) {
    return undefined;
  }
  const subnet = subnetText(cidr);
  if (address === networkAddress(cidr)) {
    return `is the network address of ${subnet}, which no host can have`;
  }
  return address === broadcastAddress(cidr)
    ? `is the broadcast address of ${subnet}, which no host can have`
    : undefined;
}

/** Why a text is not `address/prefix` of a host, or undefined if it is. */
export function hostCidrMistake(text: string): string | undefined {
  if (text.includes(':')) {
    return 'IPv6 is not supported: the MAC address is made from the four octets of an IPv4 address';
  }
  const [dotted = '', prefix] = text.split('/');
  if (parseIpv4(dotted) !== undefined && prefix === undefined) {
    return `needs a prefix length, such as ${dotted}/24`;
  }
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    return parseIpv4(dotted) === undefined
      ? `must be an IPv4 address with a prefix length, such as 10.20.30.40/24, got ${quote(text)}`
      : `must end in a prefix length of 1 to 32, got ${quote(text)}`;
  }
  const everything =
    cidr.prefixLength === 0
      ? `must end in a prefix length of 1 to 32: with /0 no packet would go to the gateway, got ${quote(text)}`
      : undefined;
  return neverAHost(cidr.address) ?? everything ?? prefixed(dotted, reservedInSubnet(cidr.address, cidr));
}

/** Why a text is not the address of a host, or undefined if it is. */
export function hostAddressMistake(text: string): string | undefined {
  const address = parseIpv4(text);
  return address === undefined ? addressMistake(text) : neverAHost(address);
}

/** Why a text is not an IPv4 address, or undefined if it is. */
export function addressMistake(text: string): string | undefined {
  if (parseIpv4(text) !== undefined) {
    return undefined;
  }
  if (text.includes(':')) {
    return 'IPv6 is not supported: plow configures IPv4 throughout';
  }
  const [dotted = ''] = text.split('/');
  return parseCidr(text) === undefined
    ? `must be an IPv4 address, such as 10.20.30.1, got ${quote(text)}`
    : `must not have a prefix length: write ${dotted}`;
}

/** RFC 6890: "this network", loopback; RFC 1112: multicast; and the limited broadcast address. */
function neverAHost(address: number): string | undefined {
  const first = Math.floor(address / FIRST_OCTET);
  const text = formatIpv4(address);
  if (first === 0) {
    return `${text} is not the address of a host (0.0.0.0/8 means "this network")`;
  }
  if (first === 127) {
    return `${text} is a loopback address, which stays inside one machine`;
  }
  if (first >= 224 && first < 240) {
    return `${text} is a multicast address, which no host can have`;
  }
  return address === 2 ** 32 - 1 ? `${text} is the broadcast address, which no host can have` : undefined;
}

function prefixed(subject: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${subject} ${text}`;
}

function subnetSize(prefixLength: number): number {
  return 2 ** (32 - prefixLength);
}
