import type { DomainInfo, SeenAddress } from '../../hypervisor/domain-facts.ts';
import type { AddressQuestion, DomainList, ListedDomain, ListRequest } from '../../hypervisor/listing.ts';
import type { Connection } from '../connection/connection.ts';
import { isActive, nameOf, uuidOf } from './identity.ts';
import { domainInfos, stoppedQuestion } from './infos.ts';
import { missingFilesOfStopped } from './disks/missing-files.ts';
import type { Pointer } from '../abi/native.ts';
import { takeObjectList } from '../connection/object-list.ts';
import type { Call } from '../connection/calls.ts';
import { seenAddresses } from './addresses.ts';

const VIR_CONNECT_LIST_DOMAINS_ACTIVE = 1;

type DomainPointer = Pointer<'virDomain'>;

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
    return new LibvirtList(connection, all, await readFacts(connection, all, request));
  } catch (error) {
    for (const domain of all) connection.free(domain);
    throw error;
  }
}

class LibvirtList implements DomainList {
  readonly domains: readonly ListedDomain[];
  readonly #connection: Connection;
  #pointers: readonly DomainPointer[];

  constructor(connection: Connection, pointers: readonly DomainPointer[], domains: readonly ListedDomain[]) {
    this.#connection = connection;
    this.#pointers = pointers;
    this.domains = domains;
  }

  async seenAddresses(
    questions: readonly AddressQuestion[],
    withinMs: number,
  ): Promise<ReadonlyMap<string, readonly SeenAddress[]>> {
    const agents = new Map(questions.map(({ uuid, askAgent }) => [uuid, askAgent]));
    const asked = this.#pointers.flatMap((domain) => {
      const askAgent = agents.get(uuidOf(domain));
      return askAgent === undefined ? [] : [{ domain, askAgent }];
    });
    const addresses = await seenAddresses(this.#connection, asked, withinMs);
    return new Map(asked.map(({ domain }, index) => [uuidOf(domain), addresses[index] ?? []]));
  }

  [Symbol.dispose](): void {
    for (const domain of this.#pointers) this.#connection.free(domain);
    this.#pointers = [];
  }
}

async function readFacts(
  connection: Connection,
  all: readonly DomainPointer[],
  request: ListRequest,
): Promise<readonly ListedDomain[]> {
  const { stopped, documents } = await readTogether(connection, all, request);
  const infos = request.info === true ? await domainInfos(connection, all, stopped) : undefined;
  const domains = infos === undefined ? all : all.filter((domain) => infos.has(domain));
  const [autostart, persistent] = request.flags === true ? await readFlags(connection, domains) : [];
  const missing = await readMissing(connection, domains, request.missingWithinMs);
  return domains.map((domain, index) => ({
    name: nameOf(domain),
    uuid: uuidOf(domain),
    active: isActive(domain),
    info: infos?.get(domain),
    xml: documents.get(domain),
    autostart: autostart?.[index],
    persistent: persistent?.[index],
    missing: missing.get(uuidOf(domain)) ?? [],
  }));
}

async function readMissing(
  connection: Connection,
  domains: readonly DomainPointer[],
  withinMs: number | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (withinMs === undefined || domains.every(isActive)) return new Map();
  return missingFilesOfStopped(connection, withinMs);
}

interface ReadTogether {
  /** By UUID. */
  readonly stopped: ReadonlyMap<string, DomainInfo>;
  readonly documents: ReadonlyMap<DomainPointer, string>;
}

/**
 * The documents, if they are wanted, and beside them what one call tells of all that do not run: libvirtd has
 * a worker for each.
 */
async function readTogether(
  connection: Connection,
  all: readonly DomainPointer[],
  { info = false, documents = false }: ListRequest,
): Promise<ReadTogether> {
  const { call, take } = stoppedQuestion(connection);
  const mayHelp = info && all.filter((domain) => !isActive(domain)).length > 1;
  const examined = documents ? all : [];
  const questions = [
    ...(mayHelp ? [call] : []),
    ...examined.map((domain): Call => ['virDomainGetXMLDesc', domain, 0]),
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
