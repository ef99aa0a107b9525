import type { LocalFacts } from '../../hypervisor/local.ts';

export const NETWORK_FILE = '/etc/plow/network.yaml';

/** A net that addresses of VMs may lie in. */
export interface Prefix {
  /** `10.55.0.0/16` */
  readonly text: string;
  readonly address: number;
  readonly length: number;
}

/** What the looks want of `/etc/plow/network.yaml`. */
export interface NetworkPlan {
  readonly prefixes: readonly Prefix[];
  readonly bgp: { readonly localAs: number } | undefined;
}

/** Undefined where there is none. */
export async function networkFile(local: Pick<LocalFacts, 'read'>): Promise<NetworkPlan | undefined> {
  const text = await local.read(NETWORK_FILE);
  return text === undefined ? undefined : undefined;
}

/** Whether an address lies in one of them. */
export function isInside(address: number, prefixes: readonly Prefix[]): boolean {
  return prefixes.some((prefix) => {
    const size = 2 ** (32 - prefix.length);
    return Math.floor(address / size) === Math.floor(prefix.address / size);
  });
}
