import { whyForeign } from '../../config/files/foreign-file.ts';
import { checkNetworkFile } from '../../config/network-file/check.ts';
import { isInPrefix, NETWORK_FILE } from '../../config/network-file/network-file.ts';
import type { NetworkFile, Prefix } from '../../config/network-file/network-file.ts';
import { parseIpv4 } from '../../config/values/ipv4.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { LocalFacts } from '../../hypervisor/local.ts';

/**
 * The network file of a hypervisor, or what is wrong with it. `hidden`: whoever runs plow may not read it, or
 * somebody else than root may have written it.
 */
export type NetworkPlan =
  | { readonly is: 'none' | 'hidden' }
  | { readonly is: 'wrong'; readonly why: string }
  | { readonly is: 'sound'; readonly network: NetworkFile };

const ROOT = 0;

/** Of this machine. */
export async function networkPlan(local: Pick<LocalFacts, 'read' | 'look'>): Promise<NetworkPlan> {
  const entry = await local.look(NETWORK_FILE);
  if (typeof entry === 'string') return { is: entry === 'ENOENT' || entry === 'ENOTDIR' ? 'none' : 'hidden' };
  const text = await local.read(NETWORK_FILE);
  if (text === undefined) return { is: 'hidden' };
  if (whyForeign(entry, ROOT) !== undefined)
    return { is: 'wrong', why: `${NETWORK_FILE}: others than root may have written it` };
  try {
    return { is: 'sound', network: checkNetworkFile(NETWORK_FILE, text) };
  } catch (error) {
    if (!(error instanceof PlowError)) throw error;
    return { is: 'wrong', why: error.message.split('\n')[0] ?? '' };
  }
}

/** Nets that addresses may lie in; undefined where nobody says. */
export function prefixesOf(plan: NetworkPlan): readonly Prefix[] | undefined {
  return plan.is === 'sound' ? plan.network.prefixes : undefined;
}

/** Whether an address lies in one of them. */
export function isInside(address: string, prefixes: readonly Prefix[]): boolean {
  const number = parseIpv4(address) ?? 0;
  return prefixes.some((prefix) => isInPrefix(number, prefix));
}
