import type { Machine } from '../../config/machine.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { explaining } from '../failure.ts';
import { inspectBridges } from './bridge.ts';
import type { NetworkInspection } from './bridge.ts';
import { addressTaken, ownerOf } from './taken-addresses.ts';

/**
 * Complains of bridges that are not there, and of addresses that the hypervisor or another VM of it has.
 * @throws PlowError
 */
export async function inspectNetwork(
  machine: Pick<Machine, 'name' | 'interfaces'>,
  inspection: NetworkInspection,
): Promise<void> {
  const { name, interfaces } = machine;
  const { questions, report } = inspection;
  const bridges = inspectBridges(machine, inspection);
  const own = await explaining(bridges, 'operation', 'cannot look up the bridges');
  const looking = questions.documents();
  const documents = await explaining(looking, 'operation', 'cannot read the documents of the other VMs');
  const others = documents.filter((other) => other.name !== name);
  for (const [index, { mac, address }] of interfaces.entries()) {
    const path = ['network_interfaces', index, 'ip'];
    if (own.has(address)) {
      report(path, `${address} is an address of the hypervisor itself`);
      continue;
    }
    const owner = ownerOf(mac, others);
    if (owner !== undefined) report(path, `${addressTaken(owner.name, address, mac)}${undoOf(owner)}`);
  }
}

/** It keeps its address for as long as it can be brought back. */
function undoOf({ name, stored }: DomainDocument): string {
  const document = parseIfPossible(stored);
  if (document === undefined || endOf(document).undo === undefined) return '';
  return `; it is destroyed, and can be brought back until plow destroy ${shellArgument(name)} removes it for good`;
}
