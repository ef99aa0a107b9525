import type { NetworkInterface } from '../../config/machine.ts';
import { macFor } from '../../config/values/mac.ts';
import { tapFor } from '../../config/values/tap.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { readMacs } from '../../libvirt-xml/read/macs.ts';
import { shellArgument } from '../../text/shell-quote.ts';

type Addresses = Pick<NetworkInterface, 'address' | 'mac'>;

/** Something of an interface that another VM has. */
export interface Clash {
  /** In the VM file. */
  readonly key: 'ip' | 'mac';
  readonly text: string;
}

/**
 * What of an interface others have, each once: its address, as their metadata say or their MAC addresses, and
 * its own MAC address. @param host that they are on; undefined: the one that the command is about
 */
export function clashesWith(
  { address, mac }: Addresses,
  others: readonly DomainDocument[],
  host?: string,
): readonly Clash[] {
  const isMade = mac === macFor(address);
  const declaring = others.find((other) => documentsOf(other).some((xml) => declares(xml, address)));
  const owner = ownerOf(mac, others);
  const clashes: Clash[] = [];
  if (declaring !== undefined) clashes.push({ key: 'ip', text: usedBy(address, declaring, host) });
  else if (owner !== undefined && isMade) {
    const text = usedBy(address, owner, host, ` (MAC address ${mac}, made from it)`);
    clashes.push({ key: 'ip', text });
  }
  if (owner !== undefined && !isMade)
    clashes.push({ key: 'mac', text: usedBy(`MAC address ${mac}`, owner, host) });
  return clashes;
}

/**
 * The first of these VMs that has an interface with this MAC address (lower case), now or at its next start.
 */
export function ownerOf(mac: string, others: readonly DomainDocument[]): DomainDocument | undefined {
  return others.find((other) => documentsOf(other).some((xml) => hasMac(xml, mac)));
}

function documentsOf({ stored, live }: DomainDocument): readonly string[] {
  return live === undefined ? [stored] : [stored, live];
}

/** Parses only a document that holds the address somewhere: there may be hundreds. */
function hasMac(xml: string, mac: string): boolean {
  if (!xml.toLowerCase().includes(mac)) return false;
  const domain = parseIfPossible(xml);
  return domain === undefined || readMacs(domain).some((other) => other.toLowerCase() === mac);
}

/** As hasMac, of the address that plow's metadata say, or the tap of a routed interface. */
function declares(xml: string, address: string): boolean {
  const tap = tapFor(address);
  if (!xml.includes(address) && !xml.includes(tap)) return false;
  const domain = parseIfPossible(xml);
  const declared = metadataInDomain(domain)?.declared.interfaces ?? [];
  return (
    declared.some((one) => one.address === address) ||
    domain?.all('devices', 'interface', 'target').some((one) => one.attribute('dev') === tap) === true
  );
}

function usedBy(what: string, owner: DomainDocument, host: string | undefined, why = ''): string {
  const on = host === undefined ? '' : ` on ${host}`;
  return `${what} is used by VM '${owner.name}'${on}${why}${undoOf(owner, host)}`;
}

/** It keeps what it has for as long as it can be brought back. */
export function undoOf({ name, stored }: DomainDocument, host?: string): string {
  const document = parseIfPossible(stored);
  if (document === undefined || endOf(document).undo === undefined) return '';
  const word = shellArgument(host === undefined ? name : `${host}:${name}`);
  return `; it is destroyed, and can be brought back until plow destroy ${word} removes it for good`;
}
