import { addressFromMac } from '../config/mac.ts';
import { METADATA_NAMESPACE } from '../libvirt-xml/domain-metadata.ts';
import { readMetadata } from '../libvirt-xml/read-metadata.ts';
import { readMacs } from '../libvirt-xml/read-xml.ts';
import type { DomainState, Hypervisor, ListedDomain } from './hypervisor.ts';

export interface VmRow {
  readonly name: string;
  /** `incomplete`: a create is under way, or died. */
  readonly state: DomainState | 'incomplete';
  readonly vcpus: number;
  readonly memoryKib: number;
  /** IPv4 address of a VM that runs, where it is known. */
  readonly address: string | undefined;
}

/** The VMs of a hypervisor by name: those that run, or all. @throws HypervisorError */
export async function listVms(
  hypervisor: Hypervisor,
  options: { readonly all: boolean },
): Promise<readonly VmRow[]> {
  const domains = await hypervisor.listDomains({
    activeOnly: !options.all,
    metadataUri: METADATA_NAMESPACE.uri,
  });
  return domains.map(toRow).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function toRow(domain: ListedDomain): VmRow {
  const { name, uuid, state, vcpus, memoryKib, metadata } = domain;
  const own = metadata === undefined ? undefined : readMetadata(metadata, uuid);
  const shownState = own?.status === 'creating' ? 'incomplete' : state;
  const address = domain.active ? (own?.machine.interfaces[0]?.address ?? foreignAddress(domain)) : undefined;
  return { name, state: shownState, vcpus, memoryKib, address };
}

/** For a VM that plow did not make: from a MAC address of plow's kind, else what libvirt's DHCP gave it. */
function foreignAddress({ xml, leases }: ListedDomain): string | undefined {
  return macAddresses(xml).find((address) => address !== undefined) ?? leases[0];
}

/** One domain with a document that cannot be read must not cost the others their place in the list. */
function macAddresses(xml: string | undefined): readonly (string | undefined)[] {
  try {
    return xml === undefined ? [] : readMacs(xml).map(addressFromMac);
  } catch {
    return [];
  }
}
