import { inSubnet, parseCidr, parseIpv4 } from './ipv4.ts';

/** Gateway of every routed interface: its tap has this address, on each hypervisor. */
export const ROUTED_GATEWAY = '169.254.0.1';

/** `vm` and the four octets in hexadecimal: vm0a371616 of 10.55.22.22. */
export function tapFor(address: string): string {
  return `vm${(parseIpv4(address) ?? 0).toString(16).padStart(8, '0')}`;
}

/** What tapFor makes. */
export const TAP_NAME = /^vm[0-9a-f]{8}$/u;

/** The IPv4 address that a routed tap is named after; undefined for any other device, and for none. */
export function addressFromTap(tap: string | undefined): string | undefined {
  if (tap === undefined || !TAP_NAME.test(tap)) return undefined;
  return [2, 4, 6, 8].map((at) => Number.parseInt(tap.slice(at, at + 2), 16)).join('.');
}

/** An interface of a domain. */
interface Plugged {
  readonly type: string;
  readonly tap: string | undefined;
}

/** The address to which the hypervisor has a route, as the tap of an interface is called. */
export function routedAddress({ type, tap }: Plugged): string | undefined {
  return type === 'ethernet' ? addressFromTap(tap) : undefined;
}

/** Whether a route of the hypervisor's leads to an interface of a domain. */
export function isRouted(one: Plugged): boolean {
  return routedAddress(one) !== undefined;
}

interface Nobodys {
  readonly net: string;
  /** Goes on after "which". */
  readonly what: string;
}

/** No guest can have an address of these. RFC 6890, RFC 1112; in 169.254.0.0/16 is the gateway of all. */
export const NOBODYS: readonly Nobodys[] = [
  { net: '0.0.0.0/8', what: 'means "this network"' },
  { net: '127.0.0.0/8', what: 'stays inside one machine' },
  { net: '169.254.0.0/16', what: 'is link-local, and has the gateway of the guests, 169.254.0.1' },
  { net: '224.0.0.0/3', what: 'is multicast or reserved' },
];

/** What of these an address lies in. */
export function nobodysOf(address: number): Nobodys | undefined {
  return NOBODYS.find(({ net }) => {
    const cidr = parseCidr(net);
    return cidr !== undefined && inSubnet(address, cidr);
  });
}
