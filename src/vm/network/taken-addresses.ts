import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { readMacs } from '../../libvirt-xml/read/macs.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';

/**
 * The first of these VMs that has an interface with this MAC address (lower case), now or at its next start.
 */
export function ownerOf(mac: string, others: readonly DomainDocument[]): DomainDocument | undefined {
  return others.find((other) => hasMac(other, mac));
}

/** Parses only a document that holds the address somewhere: there may be hundreds. */
function hasMac({ stored, live = '' }: DomainDocument, mac: string): boolean {
  return [stored, live].some((xml) => documentHasMac(xml, mac));
}

function documentHasMac(xml: string, mac: string): boolean {
  if (!xml.toLowerCase().includes(mac)) return false;
  const domain = parseIfPossible(xml);
  return domain === undefined || readMacs(domain).some((other) => other.toLowerCase() === mac);
}

export function addressTaken(owner: string, address: string, mac: string): string {
  return `VM '${owner}' has ${address} already (MAC address ${mac}, made from it)`;
}
