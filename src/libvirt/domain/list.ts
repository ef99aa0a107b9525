import type { DomainInfo, SeenAddress } from '../../hypervisor/domain-facts.ts';
import type { AddressQuestion, DomainList, ListedDomain, ListRequest } from '../../hypervisor/listing.ts';
import type { Connection } from '../connection/connection.ts';
import { identityOf } from './identity.ts';
import type { Identity } from './identity.ts';
import { domainInfos, stoppedQuestion } from './infos.ts';
import { missingFilesOfStopped } from './disks/missing-files.ts';
import { takeObjectList } from '../connection/object-list.ts';
import type { Call } from '../connection/calls.ts';
import { seenAddresses } from './addresses.ts';

const VIR_CONNECT_LIST_DOMAINS_ACTIVE = 1;

/**
 * All domains in one round trip, their documents in one batch, then one for each other kind of fact. Nothing
 * of it asks a QEMU, so that one which hangs costs nobody anything: virConnectGetAllDomainStats on domains
 * that run would wait for it, also with NOWAIT, unless a job waits already.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectListAllDomains
 */
export async function listDomains(connection: Connection, request: ListRequest): Promise<DomainList> {
  const all = await takeObjectList(
    connection,
    'virDomain',
    'virConnectListAllDomains',
    connection.pointer,
    request.activeOnly ? VIR_CONNECT_LIST_DOMAINS_ACTIVE : 0,
  );
  try {
    const known = all.map(identityOf);
    return new LibvirtList(connection, known, await readFacts(connection, known, request));
  } catch (error) {
    for (const domain of all) connection.free(domain);
    throw error;
  }
}

class LibvirtList implements DomainList {
  readonly domains: readonly ListedDomain[];
  readonly #connection: Connection;
  #known: readonly Identity[];

  constructor(connection: Connection, known: readonly Identity[], domains: readonly ListedDomain[]) {
    this.#connection = connection;
    this.#known = known;
    this.domains = domains;
  }

  async seenAddresses(
    questions: readonly AddressQuestion[],
    withinMs: number,
  ): Promise<ReadonlyMap<string, readonly SeenAddress[]>> {
    const agents = new Map(questions.map(({ uuid, askAgent }) => [uuid, askAgent]));
    const asked = this.#known.flatMap(({ pointer, uuid }) => {
      const askAgent = agents.get(uuid);
      return askAgent === undefined ? [] : [{ domain: pointer, uuid, askAgent }];
    });
    const addresses = await seenAddresses(this.#connection, asked, withinMs);
    return new Map(asked.map(({ uuid }, index) => [uuid, addresses[index] ?? []]));
  }

  [Symbol.dispose](): void {
    for (const { pointer } of this.#known) this.#connection.free(pointer);
    this.#known = [];
  }
}

async function readFacts(
  connection: Connection,
  all: readonly Identity[],
  request: ListRequest,
): Promise<readonly ListedDomain[]> {
  const { stopped, documents } = await readTogether(connection, all, request);
  const infos = request.info === true ? await domainInfos(connection, all, stopped) : undefined;
  const domains = infos === undefined ? all : all.filter(({ uuid }) => infos.has(uuid));
  const [autostart, persistent] = request.flags === true ? await readFlags(connection, domains) : [];
  const missing = await readMissing(connection, domains, request.missingWithinMs);
  return domains.map(({ name, uuid, active }, index) => ({
    name,
    uuid,
    active,
    info: infos?.get(uuid),
    xml: documents.get(uuid),
    autostart: autostart?.[index],
    persistent: persistent?.[index],
    missing: missing.get(uuid) ?? [],
  }));
}

async function readMissing(
  connection: Connection,
  domains: readonly Identity[],
  withinMs: number | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (withinMs === undefined || domains.every(({ active }) => active)) return new Map();
  return missingFilesOfStopped(connection, withinMs);
}

/** By UUID. */
interface ReadTogether {
  readonly stopped: ReadonlyMap<string, DomainInfo>;
  readonly documents: ReadonlyMap<string, string>;
}

/**
 * The documents, if they are wanted, and beside them what one call tells of all that do not run: libvirtd has
 * a worker for each.
 */
async function readTogether(
  connection: Connection,
  all: readonly Identity[],
  { info = false, documents = false }: ListRequest,
): Promise<ReadTogether> {
  const { call, take } = stoppedQuestion(connection);
  const mayHelp = info && all.filter(({ active }) => !active).length > 1;
  const examined = documents ? all : [];
  const questions = [
    ...(mayHelp ? [call] : []),
    ...examined.map(({ pointer }): Call => ['virDomainGetXMLDesc', pointer, 0]),
  ];
  try {
    const answers = await connection.callEach('virDomainGetXMLDesc', questions);
    const [first, ...rest] = mayHelp ? answers : [undefined, ...answers];
    return { stopped: take(first), documents: textsOf(examined, rest) };
  } catch (error) {
    take(undefined);
    throw error;
  }
}

/** Answers of a batch; a domain that went away has none. */
function textsOf(domains: readonly Identity[], answers: readonly unknown[]): ReadonlyMap<string, string> {
  return new Map(
    domains.flatMap(({ uuid }, index) => {
      const answer = answers[index];
      return typeof answer === 'string' ? [[uuid, answer] as const] : [];
    }),
  );
}

/** Whether each starts with the host, and whether it stays when it stops. */
async function readFlags(
  connection: Connection,
  domains: readonly Identity[],
): Promise<readonly [readonly (boolean | undefined)[], readonly (boolean | undefined)[]]> {
  const outs = domains.map((): [number] => [0]);
  const answered = await connection.callBatch(
    'virDomainGetAutostart',
    domains.map(({ pointer }, index) => [pointer, outs[index] ?? []]),
  );
  const persistent = await connection.callBatch(
    'virDomainIsPersistent',
    domains.map(({ pointer }) => [pointer]),
  );
  return [
    outs.map(([on], index) => (answered[index] === undefined ? undefined : on === 1)),
    persistent.map((answer) => (answer === undefined ? undefined : answer === 1)),
  ];
}
