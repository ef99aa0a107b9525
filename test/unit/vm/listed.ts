import { NO_END } from '../../../src/libvirt-xml/metadata/end.ts';
import { METADATA_NAMESPACE } from '../../../src/libvirt-xml/metadata/metadata.ts';
import type { DomainInfo, SeenAddress } from '../../../src/hypervisor/domain-facts.ts';
import type {
  AddressQuestion,
  DomainList,
  ListedDomain,
  Listing,
  ListRequest,
} from '../../../src/hypervisor/listing.ts';
import type { VmRow } from '../../../src/vm/list/list.ts';

/** As `plow list --all` asks. */
export const LIST_TABLE: ListRequest = {
  activeOnly: false,
  info: true,
  documents: true,
};

/** Everything that a list can ask for. */
export const LIST_ALL: ListRequest = { ...LIST_TABLE, flags: true, missingWithinMs: 1000 };

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
  xml: undefined,
  autostart: undefined,
  persistent: undefined,
  missing: [],
};

/** The document of a domain with plow's element, as metadataWithoutNamespace gives it. */
export function ownDocument(element: string, devices = ''): string {
  const own = element
    .replace('<vm', `<plow:vm xmlns:plow="${METADATA_NAMESPACE.uri}"`)
    .replace('</vm>', '</plow:vm>');
  return `<domain><metadata>${own}</metadata><devices>${devices}</devices></domain>`;
}

/** With the addresses that are seen of it, where it is asked. */
export interface Listed extends ListedDomain {
  readonly seen: readonly SeenAddress[];
}

/** A domain as a hypervisor lists it: one of somebody else that runs, unless told otherwise. */
export function listed({
  info,
  ...changes
}: Partial<Omit<Listed, 'info'>> & { info?: Partial<DomainInfo> }): Listed {
  return { ...LISTED, seen: [], ...changes, info: { ...INFO, ...info } };
}

/** What lists these domains, remembers what it was asked, and how many of its lists are not disposed of. */
export interface FakeListing {
  readonly listDomains: (request: ListRequest) => Promise<DomainList>;
  readonly asked: ListRequest[];
  readonly questions: AddressQuestion[];
  held: number;
}

export function listing(...domains: readonly Listed[]): FakeListing {
  const fake: FakeListing = {
    asked: [],
    questions: [],
    held: 0,
    listDomains: async (request) => {
      fake.asked.push(request);
      fake.held += 1;
      return {
        domains,
        seenAddresses: async (questions) => {
          fake.questions.push(...questions);
          const asked = domains.filter(({ uuid }) => questions.some((question) => question.uuid === uuid));
          return new Map(asked.map((domain) => [domain.uuid, domain.seen]));
        },
        [Symbol.dispose]: () => void (fake.held -= 1),
      };
    },
  };
  return fake;
}

/** All that a hypervisor tells of domains, addresses as well. */
export async function lookedAt(hypervisor: Listing, request = LIST_TABLE): Promise<readonly Listed[]> {
  using list = await hypervisor.listDomains(request);
  const active = list.domains.filter((domain) => domain.active);
  const addresses = await list.seenAddresses(
    active.map(({ uuid }) => ({ uuid, askAgent: true })),
    1000,
  );
  return list.domains.map((domain) => ({ ...domain, seen: addresses.get(domain.uuid) ?? [] }));
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
    isProtected: undefined,
    end: NO_END,
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
