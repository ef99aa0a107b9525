import type { Machine } from '../config/machine.ts';
import { readMacs } from '../libvirt-xml/read-xml.ts';
import { explaining } from './failure.ts';
import type { DomainDocument } from './hypervisor.ts';
import { inspectBridges } from './inspect-bridges.ts';
import type { Inspection } from './inspection.ts';

/** Complains of bridges that are not there, and of addresses that another VM of this hypervisor has. */
export async function inspectNetwork(machine: Machine, inspection: Inspection): Promise<void> {
  const { name, interfaces } = machine;
  const { complain } = inspection;
  await explaining(inspectBridges(machine, inspection), 'operation', 'cannot look up the bridges');
  const documents = await inspection.documents();
  const others = documents.filter((other) => other.name !== name);
  for (const [index, { mac, address }] of interfaces.entries()) {
    const owner = others.find((other) => hasMac(other, mac));
    if (owner === undefined) continue;
    const problem = `VM '${owner.name}' has ${address} already (MAC address ${mac}, made from it)`;
    complain(['network_interfaces', index, 'ip'], problem);
  }
}

/** Parses only a document that holds the address somewhere: there may be hundreds. */
function hasMac({ stored, live = '' }: DomainDocument, mac: string): boolean {
  return [stored, live].some((xml) => documentHasMac(xml, mac));
}

function documentHasMac(xml: string, mac: string): boolean {
  if (!xml.toLowerCase().includes(mac)) return false;
  try {
    return readMacs(xml).some((other) => other.toLowerCase() === mac);
  } catch {
    return true;
  }
}
