import type { DomainInfo } from '../../hypervisor/domain-facts.ts';
import type { ListedDomain, ListOptions } from '../../hypervisor/listing.ts';
import type { Connection } from '../connection/connection.ts';
import { isActive, nameOf, uuidOf } from './identity.ts';
import { domainInfos, stoppedQuestion } from './infos.ts';
import { missingFilesOfStopped } from './disks/missing-files.ts';
import type { Pointer } from '../abi/native.ts';
import { takeObjectList } from '../connection/object-list.ts';
import type { Call } from '../connection/calls.ts';
import { seenAddresses } from './addresses.ts';

const VIR_CONNECT_LIST_DOMAINS_ACTIVE = 1;
const VIR_DOMAIN_METADATA_ELEMENT = 2;

type DomainPointer = Pointer<'virDomain'>;

/**
 * All domains in one round trip, their metadata and documents in one batch, then one for each other kind of fact. Nothing of it asks a QEMU, so that one which hangs
 * costs nobody anything: virConnectGetAllDomainStats on domains that run would wait for it, also with NOWAIT, unless a job
 * waits already. Guests are asked last, and within a time.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectListAllDomains
 */
export async function listDomains(
  connection: Connection,
  options: ListOptions,
): Promise<readonly ListedDomain[]> {
  const all = await takeObjectList(
    connection,
    'virDomain',
    'virConnectListAllDomains',
    connection.pointer,
    options.activeOnly ? VIR_CONNECT_LIST_DOMAINS_ACTIVE : 0,
  );
  const listed = options.detail === 'names' ? all.map(describe) : await readFacts(connection, all, options);
  for (const domain of all) connection.free(domain);
  return listed;
}

/** What its handle says. */
function describe(domain: DomainPointer): ListedDomain {
  return {
    name: nameOf(domain),
    uuid: uuidOf(domain),
    active: isActive(domain),
    info: undefined,
    metadata: undefined,
    xml: undefined,
    seen: [],
    autostart: undefined,
    persistent: undefined,
    missing: [],
  };
}

async function readFacts(
  connection: Connection,
  all: readonly DomainPointer[],
  options: ListOptions,
): Promise<readonly ListedDomain[]> {
  const { detail, whoTells, withinMs } = options;
  const { stopped, metadata, documents } = await readTogether(connection, all, options);
  const infos = await domainInfos(connection, all, stopped);
  // One that went away meanwhile is left out.
  const domains = all.filter((domain) => infos.has(domain));
  const asked = domains.filter(isActive).flatMap((domain) => {
    const [own, xml] = [metadata.get(domain), documents.get(domain)];
    const tellers = whoTells({ uuid: uuidOf(domain), metadata: own, xml });
    return tellers === 'nobody' ? [] : [{ domain, askAgent: tellers === 'guest' }];
  });
  const addresses = await seenAddresses(connection, asked, withinMs);
  const seen = new Map(asked.map(({ domain }, index) => [domain, addresses[index]]));
  const [autostart, persistent] = detail === 'all' ? await readFlags(connection, domains) : [];
  const looks = detail === 'all' && !domains.every(isActive);
  const missing = looks ? await missingFilesOfStopped(connection, withinMs) : new Map();
  return domains.map((domain, index) => ({
    ...describe(domain),
    info: infos.get(domain),
    metadata: metadata.get(domain),
    xml: documents.get(domain),
    seen: seen.get(domain) ?? [],
    autostart: autostart?.[index],
    persistent: persistent?.[index],
    missing: missing.get(uuidOf(domain)) ?? [],
  }));
}

interface ReadTogether {
  /** By UUID. */
  readonly stopped: ReadonlyMap<string, DomainInfo>;
  readonly metadata: ReadonlyMap<DomainPointer, string>;
  readonly documents: ReadonlyMap<DomainPointer, string>;
}

/**
 * The metadata of each and the documents that are wanted, and beside them what one call tells of all that do not run: libvirtd
 * has a worker for each.
 */
async function readTogether(
  connection: Connection,
  all: readonly DomainPointer[],
  { metadataUri, detail }: ListOptions,
): Promise<ReadTogether> {
  const { call, take } = stoppedQuestion(connection);
  const examined = detail === 'all' ? all : all.filter(isActive);
  const mayHelp = all.filter((domain) => !isActive(domain)).length > 1;
  const name = 'virDomainGetMetadata';
  const questions = [
    ...(mayHelp ? [call] : []),
    ...all.map((domain): Call => [name, domain, VIR_DOMAIN_METADATA_ELEMENT, metadataUri, 0]),
    ...examined.map((domain): Call => ['virDomainGetXMLDesc', domain, 0]),
  ];
  try {
    const answers = await connection.callEach(name, questions);
    const [first, ...rest] = mayHelp ? answers : [undefined, ...answers];
    const metadata = textsOf(all, rest.slice(0, all.length));
    return { stopped: take(first), metadata, documents: textsOf(examined, rest.slice(all.length)) };
  } catch (error) {
    take(undefined);
    throw error;
  }
}

/** Answers of a batch; a domain that went away or has nothing to say has none. */
function textsOf(
  domains: readonly DomainPointer[],
  answers: readonly unknown[],
): ReadonlyMap<DomainPointer, string> {
  return new Map(
    domains.flatMap((domain, index) => {
      const answer = answers[index];
      return typeof answer === 'string' ? [[domain, answer] as const] : [];
    }),
  );
}

/** Whether each starts with the host, and whether it stays when it stops. */
async function readFlags(
  connection: Connection,
  domains: readonly DomainPointer[],
): Promise<readonly [readonly (boolean | undefined)[], readonly (boolean | undefined)[]]> {
  const outs = domains.map((): [number] => [0]);
  const answered = await connection.callBatch(
    'virDomainGetAutostart',
    domains.map((domain, index) => [domain, outs[index] ?? []]),
  );
  const persistent = await connection.callBatch(
    'virDomainIsPersistent',
    domains.map((domain) => [domain]),
  );
  return [
    outs.map(([on], index) => (answered[index] === undefined ? undefined : on === 1)),
    persistent.map((answer) => (answer === undefined ? undefined : answer === 1)),
  ];
}
