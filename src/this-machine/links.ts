import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { InterfaceLink } from '../hypervisor/host.ts';

/** What this machine knows of its network, and libvirt does not tell. */

/** `net_device_flags` in linux/if.h: switched on by the administrator. */
const IFF_UP = 1;

/**
 * @returns undefined where the kernel shows no such interface: libvirt may live in another network namespace
 */
export async function linkHere(name: string): Promise<InterfaceLink | undefined> {
  const directory = `/sys/class/net/${name}`;
  try {
    const flags = Number(await readFile(`${directory}/flags`, 'utf8'));
    if ((flags & IFF_UP) === 0) return 'down';
    return (await readFile(`${directory}/carrier`, 'utf8')).trim() === '1' ? 'up' : 'no-carrier';
  } catch {
    return undefined;
  }
}

/** IPv4 addresses as `10.20.30.1/24`; none of an interface without carrier. */
export function addressesHere(name: string): readonly string[] {
  const addresses = networkInterfaces()[name] ?? [];
  return addresses.flatMap(({ family, cidr }) => (family === 'IPv4' && cidr !== null ? [cidr] : []));
}
