import { isReason } from '../../errors/hypervisor-error.ts';
import type { Host } from '../../hypervisor/host.ts';
import type { DomainFacts } from '../../libvirt-xml/domain/read.ts';
import { readNetworkBridge } from '../../libvirt-xml/read/network.ts';

/**
 * The bridges behind the networks of libvirt's that the interfaces of a domain are in. What a connection may
 * not see, or a driver has not, is left out. @throws HypervisorError
 */
export async function networkBridges(
  { interfaces }: Pick<DomainFacts, 'interfaces'>,
  hypervisor: Pick<Host, 'networkXml'>,
): Promise<ReadonlyMap<string, string>> {
  const bridges = new Map<string, string>();
  for (const { type, source } of interfaces) {
    if (type !== 'network' || source === undefined || bridges.has(source)) continue;
    const bridge = await bridgeOf(source, hypervisor);
    if (bridge !== undefined) bridges.set(source, bridge);
  }
  return bridges;
}

async function bridgeOf(network: string, hypervisor: Pick<Host, 'networkXml'>): Promise<string | undefined> {
  try {
    const document = await hypervisor.networkXml(network);
    return document === undefined ? undefined : readNetworkBridge(document);
  } catch (error) {
    if (isReason(error, 'unsupported') || isReason(error, 'forbidden')) return undefined;
    throw error;
  }
}
