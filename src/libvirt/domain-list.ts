import koffi from 'koffi';
import type { ListedDomain, ListOptions } from '../vm/hypervisor.ts';
import type { Connection } from './connection.ts';
import { isActive, withDomainStats } from './domain-stats.ts';
import type { DomainStats } from './domain-stats.ts';
import { stateFromNumber } from './domain.ts';
import { leasedAddresses } from './leases.ts';
import { callLocal } from './native.ts';
import { VIR_DOMAIN_INFO } from './structs.ts';

const VIR_DOMAIN_STATS_STATE = 1;
const VIR_DOMAIN_STATS_BALLOON = 2 ** 2;
const VIR_DOMAIN_STATS_VCPU = 2 ** 3;
const STATS_ACTIVE = 1;
const VIR_DOMAIN_METADATA_ELEMENT = 2;
const UUID_STRING_BYTES = 37;

/**
 * All domains in one round trip, then one batch for their metadata, and one or two more for those active domains
 * that plow did not make. https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats
 */
export function listDomains(connection: Connection, options: ListOptions): Promise<ListedDomain[]> {
  return withDomainStats(
    connection,
    VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_BALLOON | VIR_DOMAIN_STATS_VCPU,
    options.activeOnly ? STATS_ACTIVE : 0,
    (records) => describeDomains(connection, records, options.metadataUri),
  );
}

async function describeDomains(
  connection: Connection,
  records: readonly DomainStats[],
  metadataUri: string,
): Promise<ListedDomain[]> {
  const facts = await Promise.all(records.map((record) => readFacts(connection, record)));
  const metadata = await texts(
    connection,
    'virDomainGetMetadata',
    records.map(({ domain }) => [domain, VIR_DOMAIN_METADATA_ELEMENT, metadataUri, 0]),
  );
  const foreign = facts.flatMap(({ active }, index) =>
    active && metadata[index] === undefined ? [index] : [],
  );
  const foreignDomains = foreign.map((index) => records[index]?.domain ?? 0n);
  const documents = await texts(
    connection,
    'virDomainGetXMLDesc',
    foreignDomains.map((dom) => [dom, 0]),
  );
  const leases = await leasedAddresses(connection, foreignDomains);
  return facts.map((fact, index) => {
    const place = foreign.indexOf(index);
    return { ...fact, metadata: metadata[index], xml: documents[place], leases: leases[place] ?? [] };
  });
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

async function readFacts(
  connection: Connection,
  { domain, stats }: DomainStats,
): Promise<Omit<ListedDomain, 'metadata' | 'xml' | 'leases'>> {
  const uuid = Buffer.alloc(UUID_STRING_BYTES);
  callLocal('virDomainGetUUIDString', domain, uuid);
  const info = stats.has('balloon.maximum') ? undefined : await readInfo(connection, domain);
  return {
    name: callLocal('virDomainGetName', domain) as string,
    uuid: uuid.toString('latin1', 0, UUID_STRING_BYTES - 1),
    state: stateFromNumber(Number(stats.get('state.state') ?? 0)),
    active: isActive(domain),
    vcpus: Number(stats.get('vcpu.current') ?? info?.nrVirtCpu ?? 0),
    memoryKib: Number(stats.get('balloon.maximum') ?? info?.maxMem ?? 0),
  };
}

/** The test driver's statistics hold the state only. */
async function readInfo(
  connection: Connection,
  domain: bigint,
): Promise<{ readonly nrVirtCpu: number; readonly maxMem: number }> {
  const info = Buffer.alloc(koffi.sizeof(VIR_DOMAIN_INFO));
  await connection.call('virDomainGetInfo', domain, info);
  return koffi.decode(info, VIR_DOMAIN_INFO) as { nrVirtCpu: number; maxMem: number };
}
