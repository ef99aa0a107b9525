import type { Machine } from '../config/machine.ts';
import { HypervisorError } from '../errors/hypervisor-error.ts';
import { readInterfaceType, readMacs } from '../libvirt-xml/read-xml.ts';
import { explaining } from './failure.ts';
import type { DomainDocument, Hypervisor } from './hypervisor.ts';
import type { Inspection } from './inspection.ts';

/** Complains of bridges that are not there, and of addresses that another VM of this hypervisor has. */
export async function inspectNetwork(
  { name, interfaces }: Machine,
  { context: { hypervisor }, complain }: Inspection,
): Promise<void> {
  for (const [index, { bridge }] of interfaces.entries()) {
    const first = interfaces.findIndex((other) => other.bridge === bridge) === index;
    const problem = first
      ? await explaining(bridgeProblem(bridge, hypervisor), 'operation', `cannot look up bridge '${bridge}'`)
      : undefined;
    if (problem !== undefined) complain(['network_interfaces', index, 'bridge'], problem);
  }
  const looking = hypervisor.domainDocuments();
  const documents = await explaining(looking, 'operation', 'cannot read the documents of the other VMs');
  const others = documents.filter((other) => other.name !== name);
  for (const [index, { mac, address }] of interfaces.entries()) {
    const owner = others.find((other) => hasMac(other, mac));
    if (owner === undefined) continue;
    const problem = `VM '${owner.name}' has ${address} already (MAC address ${mac}, made from it)`;
    complain(['network_interfaces', index, 'ip'], problem);
  }
}

/** A host whose libvirt cannot tell (no interface driver) is not held against the user. */
async function bridgeProblem(bridge: string, hypervisor: Hypervisor): Promise<string | undefined> {
  let document: string | undefined;
  try {
    document = await hypervisor.findInterface(bridge);
  } catch (error) {
    if (error instanceof HypervisorError && error.reason !== 'disconnected') return undefined;
    throw error;
  }
  if (document === undefined) return `bridge '${bridge}' does not exist on the hypervisor`;
  const type = readInterfaceType(document);
  return type === 'bridge' ? undefined : `'${bridge}' is not a bridge but an interface of type ${type}`;
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
