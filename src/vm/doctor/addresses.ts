import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { readMacs } from '../../libvirt-xml/read/macs.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { Examination, Finding } from './finding.ts';
import { ok, warning } from './finding.ts';

/** VMs that have one MAC address, and so most likely one IP address: each loses packets to the other. */
export async function checkAddresses({ documents }: Examination): Promise<Finding | readonly Finding[]> {
  const owners = new Map<string, Set<string>>();
  for (const document of await documents()) {
    for (const mac of macsOf(document)) {
      owners.set(mac, (owners.get(mac) ?? new Set()).add(document.name));
    }
  }
  const shared = [...owners].filter(([, names]) => names.size > 1);
  if (shared.length === 0) return ok('no two VMs have the same MAC address');
  return shared.map(([mac, names]) => {
    const whose = [...names].toSorted().map((name) => `'${name}'`);
    return warning('mac-address-shared', {
      text: `VMs ${whose.join(' and ')} have the same MAC address ${mac}: their network fails by turns`,
      repair: 'give all but one of them another address, or destroy them',
    });
  });
}

/** Of a document that cannot be read none. */
function macsOf({ stored, live }: DomainDocument): readonly string[] {
  const all = [stored, ...(live === undefined ? [] : [live])].flatMap((xml) => {
    const domain = parseIfPossible(xml);
    return domain === undefined ? [] : readMacs(domain);
  });
  return all.filter((mac) => mac !== '').map((mac) => mac.toLowerCase());
}
