import { routedAddress } from '../../config/values/tap.ts';
import type { DomainState } from '../../hypervisor/domain-facts.ts';
import type { Listing } from '../../hypervisor/listing.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';

/** An address of a VM that its hypervisor routes to its tap, whoever made the VM. */
export interface RoutedAddress {
  readonly vm: string;
  readonly uuid: string;
  readonly address: string;
  /** Named after the address. */
  readonly tap: string;
  readonly state: DomainState;
  /** Whether it has a QEMU. */
  readonly active: boolean;
}

/** Those of a domain's document, as it runs or will run. */
function routedIn(domain: XmlElement): readonly Pick<RoutedAddress, 'address' | 'tap'>[] {
  return readDomain(domain).interfaces.flatMap((one) => {
    const address = routedAddress(one);
    return address === undefined || one.tap === undefined ? [] : [{ address, tap: one.tap }];
  });
}

/** As routedIn, of a text: only one that may have such an interface is parsed. */
export function routedInText(document: string): readonly Pick<RoutedAddress, 'address' | 'tap'>[] {
  if (!/type=["']ethernet["']/u.test(document)) return [];
  const domain = parseIfPossible(document);
  return domain === undefined ? [] : routedIn(domain);
}

/** All of a hypervisor, by VM. @throws HypervisorError */
export async function listRouted(hypervisor: Listing): Promise<readonly RoutedAddress[]> {
  using list = await hypervisor.listDomains({ activeOnly: false, info: true, documents: true });
  return list.domains
    .flatMap(({ name, uuid, active, info, xml }) =>
      routedInText(xml ?? '').map((one) => ({
        ...one,
        vm: name,
        uuid,
        active,
        state: info?.state ?? (active ? 'no state' : 'shut off'),
      })),
    )
    .toSorted((one, other) => (one.vm < other.vm ? -1 : one.vm > other.vm ? 1 : 0));
}
