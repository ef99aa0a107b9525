import { toBridge } from './bridges.ts';
import type { HostInterface } from '../../hypervisor/host.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';

/** The kernel's routes, of this network namespace; those to the machine itself among them. */
const ROUTES = '/proc/net/fib_trie';
const LOCAL_ROUTE = /\|-- (?<address>[\d.]+)\n\s+\/32 host LOCAL/gu;

/**
 * IPv4 addresses of the hypervisor itself: all of them where it is this machine. @returns undefined
 * elsewhere, where only documents of interfaces may tell
 */
export async function ownAddresses({
  local,
}: Pick<Hypervisor, 'local'>): Promise<ReadonlySet<string> | undefined> {
  const routes = await local?.read(ROUTES);
  if (routes === undefined) return undefined;
  return new Set([...routes.matchAll(LOCAL_ROUTE)].map(({ groups }) => groups?.['address'] ?? ''));
}

/** Those that the documents tell. */
export function addressesOf(interfaces: readonly HostInterface[]): ReadonlySet<string> {
  const addresses = interfaces.flatMap((one) => toBridge(one).addresses);
  return new Set(addresses.map((address) => address.split('/')[0] ?? ''));
}
