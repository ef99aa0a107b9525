import { parseIpv4 } from './ipv4.ts';

/** Gateway of every routed interface: its tap has this address, on each hypervisor. */
export const ROUTED_GATEWAY = '169.254.0.1';

/** `vm` and the four octets in hexadecimal: vm0a371616 of 10.55.22.22. */
export function tapFor(address: string): string {
  return `vm${(parseIpv4(address) ?? 0).toString(16).padStart(8, '0')}`;
}

/** The IPv4 address that a routed tap is named after; undefined for any other device. */
export function addressFromTap(tap: string): string | undefined {
  const octets = /^vm([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/u.exec(tap)?.slice(1);
  return octets?.map((octet) => Number.parseInt(octet, 16)).join('.');
}

/** Whether a route of the hypervisor's leads to an interface of a domain, as its tap is called. */
export function isRouted({
  type,
  tap,
}: {
  readonly type: string;
  readonly tap: string | undefined;
}): boolean {
  return type === 'ethernet' && tap !== undefined && addressFromTap(tap) !== undefined;
}
