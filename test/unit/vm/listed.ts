import { METADATA_NAMESPACE } from '../../../src/libvirt-xml/metadata/metadata.ts';
import type { DomainInfo, SeenAddress } from '../../../src/hypervisor/domain-facts.ts';
import type { ListedDomain, ListOptions } from '../../../src/hypervisor/listing.ts';
import type { VmRow } from '../../../src/vm/list/list.ts';

/** As `plow list --all` asks. */
export const LIST_TABLE: ListOptions = {
  activeOnly: false,
  metadataUri: METADATA_NAMESPACE.uri,
  detail: 'table',
  whoTells: () => 'guest',
  withinMs: 1000,
};

/** Everything that a list can ask for. */
export const LIST_ALL: ListOptions = { ...LIST_TABLE, detail: 'all' };

const INFO: DomainInfo = {
  state: 'running',
  vcpus: 2,
  memoryKib: 4 * 2 ** 20,
  currentMemoryKib: 4 * 2 ** 20,
  cpuSeconds: 0,
};

const LISTED: ListedDomain = {
  name: 'vm',
  uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
  active: true,
  info: INFO,
  metadata: undefined,
  xml: undefined,
  seen: [],
  autostart: undefined,
  persistent: undefined,
  missing: [],
};

/** A domain as a hypervisor lists it: one of somebody else that runs, unless told otherwise. */
export function listed({
  info,
  ...changes
}: Partial<Omit<ListedDomain, 'info'>> & { info?: Partial<DomainInfo> }): ListedDomain {
  return { ...LISTED, ...changes, info: { ...INFO, ...info } };
}

export function seen(source: SeenAddress['source'], address: string): SeenAddress {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  return { source, interfaceName: 'vnet0', mac: '52:54:00:11:22:33', address, prefixLength: 24, family };
}

/** A row of the list: a VM of somebody else that runs, unless told otherwise. */
export function row(changes: Partial<VmRow>): VmRow {
  return {
    ...INFO,
    name: 'vm',
    uuid: LISTED.uuid,
    active: true,
    address: undefined,
    declared: [],
    seen: [],
    autostart: undefined,
    persistent: undefined,
    missing: [],
    description: undefined,
    disks: [],
    interfaces: [],
    image: undefined,
    own: undefined,
    ...changes,
  };
}
