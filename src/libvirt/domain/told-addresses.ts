import { isIP } from 'node:net';
import type { SeenAddress } from '../../hypervisor/domain-facts.ts';

/** What one host can have use for; a guest may say any number. */
const MOST_ADDRESSES = 64;
/** IFNAMSIZ of Linux, without the NUL. */
const LONGEST_NAME = 15;
const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/u;

/**
 * A virDomainInterface. A guest agent may have written any text into it, which libvirt passes on as it is.
 */
export interface ToldInterface {
  readonly name: string | null;
  readonly hwaddr: string | null;
  readonly addresses: readonly { readonly addr: string | null; readonly prefix: number }[];
}

/** The addresses of an interface that are some, with what else is credible about it. */
export function toldAddresses(
  { name, hwaddr, addresses }: ToldInterface,
  source: SeenAddress['source'],
): readonly SeenAddress[] {
  const mac = hwaddr?.toLowerCase() ?? '';
  return addresses.flatMap(({ addr, prefix }) => {
    const version = isIP(addr ?? '');
    // With a zone (fe80::1%eth0) it is an address too, but the zone may be any text.
    if (addr === null || version === 0 || addr.includes('%') || !tellsSomething(addr)) return [];
    return [
      {
        source,
        interfaceName: shortName(name ?? ''),
        mac: MAC.test(mac) ? mac : undefined,
        address: addr,
        prefixLength: Math.min(prefix, version === 4 ? 32 : 128),
        family: version === 4 ? 'ipv4' : 'ipv6',
      } as const,
    ];
  });
}

function shortName(text: string): string | undefined {
  const name = Array.from(text.replaceAll(/[\p{C}\p{Z}]/gu, ''))
    .slice(0, LONGEST_NAME)
    .join('');
  return name === '' ? undefined : name;
}

/**
 * Every guest has the addresses of the loopback interface, and every interface one of its link (RFC 4291
 * 2.5.6).
 */
function tellsSomething(address: string): boolean {
  return address !== '::1' && !address.startsWith('127.') && !/^fe[89ab]/iu.test(address);
}

/**
 * All that is told of a guest. What the host knows comes before what a guest says, where that is too much.
 */
export function mostCredible(
  fromGuest: readonly SeenAddress[],
  fromHost: readonly SeenAddress[],
): readonly SeenAddress[] {
  const known = fromHost.slice(0, MOST_ADDRESSES);
  return [...fromGuest.slice(0, MOST_ADDRESSES - known.length), ...known];
}
