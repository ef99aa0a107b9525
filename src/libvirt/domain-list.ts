import koffi from 'koffi';
import type { ListedDomain, ListOptions } from '../vm/hypervisor.ts';
import type { Connection } from './connection.ts';
import { isActive, nameOf, uuidOf } from './domain-identity.ts';
import { stateFromNumber } from './domain.ts';
import { leasedAddresses } from './leases.ts';
import { callLocal } from './native.ts';
import {
  decodeArray,
  TYPED_VALUE_MEMBER,
  VIR_DOMAIN_INFO,
  VIR_DOMAIN_STATS_RECORD,
  VIR_TYPED_PARAMETER,
} from './structs.ts';

const VIR_DOMAIN_STATS_STATE = 1;
const VIR_DOMAIN_STATS_BALLOON = 2 ** 2;
const VIR_DOMAIN_STATS_VCPU = 2 ** 3;
const STATS_ACTIVE = 1;
/** Never waits for a domain that is busy with a job. */
const STATS_NOWAIT = 2 ** 29;
const VIR_DOMAIN_METADATA_ELEMENT = 2;

type DomainPointer = bigint;

interface StatsRecord {
  readonly dom: DomainPointer;
  readonly params: bigint | null;
  readonly nparams: number;
}

/**
 * All domains in one round trip, then one batch for their metadata, and one or two more for those active domains
 * that plow did not make. https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats
 */
export async function listDomains(connection: Connection, options: ListOptions): Promise<ListedDomain[]> {
  const out: [bigint | null] = [null];
  const count = await connection.callNumber(
    'virConnectGetAllDomainStats',
    connection.pointer,
    VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_BALLOON | VIR_DOMAIN_STATS_VCPU,
    out,
    (options.activeOnly ? STATS_ACTIVE : 0) | STATS_NOWAIT,
  );
  const list = out[0];
  if (list === null) return [];
  try {
    const records = count === 0 ? [] : (decodeArray(list, 'void *', count) as bigint[]);
    return await describeDomains(
      connection,
      records.map((record) => koffi.decode(record, VIR_DOMAIN_STATS_RECORD) as StatsRecord),
      options.metadataUri,
    );
  } finally {
    callLocal('virDomainStatsRecordListFree', list);
  }
}

async function describeDomains(
  connection: Connection,
  records: readonly StatsRecord[],
  metadataUri: string,
): Promise<ListedDomain[]> {
  const facts = await Promise.all(records.map((record) => readFacts(connection, record)));
  const metadata = await texts(
    connection,
    'virDomainGetMetadata',
    records.map(({ dom }) => [dom, VIR_DOMAIN_METADATA_ELEMENT, metadataUri, 0]),
  );
  const foreign = facts.flatMap(({ active }, index) =>
    active && metadata[index] === undefined ? [index] : [],
  );
  const foreignDomains = foreign.map((index) => records[index]?.dom ?? 0n);
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
  record: StatsRecord,
): Promise<Omit<ListedDomain, 'metadata' | 'xml' | 'leases'>> {
  const stats = readStats(record);
  const state = stats.get('state.state') ?? 0;
  const info = stats.has('balloon.maximum') ? undefined : await readInfo(connection, record.dom);
  return {
    name: nameOf(record.dom),
    uuid: uuidOf(record.dom),
    state: stateFromNumber(state),
    active: isActive(record.dom),
    vcpus: stats.get('vcpu.current') ?? info?.nrVirtCpu ?? 0,
    memoryKib: stats.get('balloon.maximum') ?? info?.maxMem ?? 0,
  };
}

function readStats({ params, nparams }: StatsRecord): ReadonlyMap<string, number> {
  if (params === null || nparams === 0) return new Map();
  const decoded = decodeArray(params, VIR_TYPED_PARAMETER, nparams) as {
    field: string;
    type: number;
    value: Record<string, unknown>;
  }[];
  return new Map(
    decoded.map(({ field, type, value }) => [field, Number(value[TYPED_VALUE_MEMBER[type] ?? ''])]),
  );
}

/** The test driver's statistics hold the state only. */
async function readInfo(
  connection: Connection,
  domain: DomainPointer,
): Promise<{ readonly nrVirtCpu: number; readonly maxMem: number }> {
  const info = Buffer.alloc(koffi.sizeof(VIR_DOMAIN_INFO));
  await connection.call('virDomainGetInfo', domain, info);
  return koffi.decode(info, VIR_DOMAIN_INFO) as { nrVirtCpu: number; maxMem: number };
}
