import koffi from 'koffi';
import type { ListedDomain, ListOptions } from '../vm/hypervisor.ts';
import type { Connection } from './connection.ts';
import { isActive, nameOf, uuidOf } from './domain-identity.ts';
import { stateFromNumber } from './domain.ts';
import { leasedAddresses } from './leases.ts';
import type { Pointer } from './native.ts';
import { takeObjectList } from './object-list.ts';
import { VIR_DOMAIN_INFO } from './structs.ts';

const VIR_CONNECT_LIST_DOMAINS_ACTIVE = 1;
const VIR_DOMAIN_METADATA_ELEMENT = 2;

type DomainPointer = Pointer<'virDomain'>;

interface DomainInfo {
  readonly state: number;
  readonly maxMem: number;
  readonly nrVirtCpu: number;
}

/**
 * All domains in one round trip, then one batch for each kind of fact. Nothing of it asks a QEMU, so that one which hangs
 * costs nobody anything: virConnectGetAllDomainStats would wait for it, also with NOWAIT, unless a job waits already.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectListAllDomains
 */
export async function listDomains(
  connection: Connection,
  { activeOnly, metadataUri }: ListOptions,
): Promise<ListedDomain[]> {
  const all = await takeObjectList(
    connection,
    'virDomain',
    'virConnectListAllDomains',
    connection.pointer,
    activeOnly ? VIR_CONNECT_LIST_DOMAINS_ACTIVE : 0,
  );
  const known = await readInfos(connection, all);
  const domains = known.map(({ domain }) => domain);
  const metadata = await texts(
    connection,
    'virDomainGetMetadata',
    domains.map((domain) => [domain, VIR_DOMAIN_METADATA_ELEMENT, metadataUri, 0]),
  );
  const foreign = domains.filter((domain, index) => isActive(domain) && metadata[index] === undefined);
  const documents = await texts(
    connection,
    'virDomainGetXMLDesc',
    foreign.map((domain) => [domain, 0]),
  );
  const leases = await leasedAddresses(connection, foreign);
  const listed = known.map(({ domain, info }, index) => {
    const place = foreign.indexOf(domain);
    return {
      ...describe(domain, info),
      metadata: metadata[index],
      xml: documents[place],
      leases: leases[place] ?? [],
    };
  });
  for (const domain of all) connection.free(domain);
  return listed;
}

/** A domain that went away meanwhile is left out. */
async function readInfos(
  connection: Connection,
  domains: readonly DomainPointer[],
): Promise<readonly { readonly domain: DomainPointer; readonly info: DomainInfo }[]> {
  const buffers = domains.map(() => Buffer.alloc(koffi.sizeof(VIR_DOMAIN_INFO)));
  const answers = await connection.callBatch(
    'virDomainGetInfo',
    domains.map((domain, index) => [domain, buffers[index] ?? null]),
  );
  return domains.flatMap((domain, index) =>
    answers[index] === undefined
      ? []
      : [{ domain, info: koffi.decode(buffers[index], VIR_DOMAIN_INFO) as DomainInfo }],
  );
}

function describe(
  domain: DomainPointer,
  { state, maxMem, nrVirtCpu }: DomainInfo,
): Omit<ListedDomain, 'metadata' | 'xml' | 'leases'> {
  return {
    name: nameOf(domain),
    uuid: uuidOf(domain),
    state: stateFromNumber(state),
    active: isActive(domain),
    vcpus: nrVirtCpu,
    memoryKib: maxMem,
  };
}

/** Answers of a batch; a domain that went away or has nothing to say gives undefined. */
async function texts(
  connection: Connection,
  name: 'virDomainGetMetadata' | 'virDomainGetXMLDesc',
  questions: readonly (readonly (bigint | number | string)[])[],
): Promise<(string | undefined)[]> {
  const answers = await connection.callBatch(name, questions);
  return answers.map((answer) => (typeof answer === 'string' ? answer : undefined));
}
