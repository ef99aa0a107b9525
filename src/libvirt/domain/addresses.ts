import koffi from 'koffi';
import type { SeenAddress } from '../../hypervisor/domain-facts.ts';
import type { Connection } from '../connection/connection.ts';
import { uuidOf } from './identity.ts';
import { callLocal } from '../abi/native.ts';
import type { Pointer } from '../abi/native.ts';
import { decodeArray, VIR_DOMAIN_INTERFACE, VIR_DOMAIN_IP_ADDRESS } from '../abi/structs.ts';
import { mostCredible, toldAddresses } from './told-addresses.ts';
import type { ToldInterface } from './told-addresses.ts';

/**
 * virDomainInterfaceAddressesSource: a lease file on the host, the guest, and the host's table of neighbours.
 */
const SOURCES = { lease: 0, agent: 1, arp: 2 } as const;

type Source = keyof typeof SOURCES;

export interface AskedDomain {
  readonly domain: Pointer<'virDomain'>;
  /** Only of a domain whose guest agent is connected. */
  readonly askAgent: boolean;
}

/** Addresses of one interface that are looked at; those of its link are among them, and left out. */
const MOST_READ = 256;

/** Where libvirt puts the array of an answer. */
type Out = [bigint | null];

/**
 * Domains whose guest agent has not answered yet, by UUID: asking again would only keep another thread
 * waiting.
 */
const unanswered = new WeakMap<Connection, Set<string>>();

/**
 * The addresses of each domain that somebody has seen; none where libvirt cannot tell. Guests are asked last,
 * and for no longer than `withinMs`.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainInterfaceAddresses
 */
export async function seenAddresses(
  connection: Connection,
  domains: readonly AskedDomain[],
  withinMs: number,
): Promise<readonly (readonly SeenAddress[])[]> {
  const [leased, neighbours] = await askHost(connection, domains);
  const agentAnswers = await askAgents(connection, domains, withinMs);
  return domains.map((_, index) =>
    mostCredible(
      agentAnswers[index] ?? [],
      [leased, neighbours].flatMap((found) => found?.[index] ?? []),
    ),
  );
}

/** What leases say, and what the table of neighbours: one batch. */
async function askHost(
  connection: Connection,
  domains: readonly AskedDomain[],
): Promise<readonly (readonly (readonly SeenAddress[])[])[]> {
  const sources: readonly Source[] = ['lease', 'arp'];
  const asked = sources.map((source) =>
    domains.map(({ domain }) => ({ domain, source, out: [null] as Out })),
  );
  const answers = await connection.callBatch(
    'virDomainInterfaceAddresses',
    asked.flat().map(({ domain, source, out }) => [domain, out, SOURCES[source], 0]),
  );
  const rest = answers.values();
  return asked.map((questions) => questions.map(({ out, source }) => taken(out, rest.next().value, source)));
}

async function askAgents(
  connection: Connection,
  domains: readonly AskedDomain[],
  withinMs: number,
): Promise<readonly (readonly SeenAddress[] | undefined)[]> {
  const waiting = unanswered.get(connection) ?? new Set();
  unanswered.set(connection, waiting);
  const asked = domains
    .map(({ domain, askAgent }) => ({ domain, askAgent, uuid: uuidOf(domain), out: [null] as Out }))
    .filter(({ askAgent, uuid }) => askAgent && !waiting.has(uuid));
  if (asked.length === 0) return [];
  const answers = await connection.callBatchWithin(
    withinMs,
    'virDomainInterfaceAddresses',
    asked.map(({ domain, uuid, out }) => ({
      args: [domain, out, SOURCES.agent, 0],
      begun: () => void waiting.add(uuid),
      ended: (answer) => {
        waiting.delete(uuid);
        return taken(out, answer, 'agent');
      },
    })),
  );
  const agentAnswers = new Map(asked.map(({ domain }, index) => [domain, answers[index]]));
  return domains.map(({ domain }) => agentAnswers.get(domain));
}

function taken([list]: Out, answer: unknown, source: Source): readonly SeenAddress[] {
  return typeof answer === 'number' && list !== null ? takeAddresses(list, answer, source) : [];
}

/** Reads and frees an array of virDomainInterface. */
function takeAddresses(list: bigint, count: number, source: Source): readonly SeenAddress[] {
  const interfaces = count === 0 ? [] : (decodeArray(list, 'void *', count) as bigint[]);
  const addresses = interfaces.flatMap((pointer) => readInterface(pointer, source));
  for (const pointer of interfaces) callLocal('virDomainInterfaceFree', pointer);
  koffi.free(list);
  return addresses;
}

function readInterface(pointer: bigint, source: Source): readonly SeenAddress[] {
  const { name, hwaddr, naddrs, addrs } = koffi.decode(pointer, VIR_DOMAIN_INTERFACE) as {
    name: string | null;
    hwaddr: string | null;
    naddrs: number;
    addrs: bigint;
  };
  const count = Math.min(naddrs, MOST_READ);
  const addresses = count === 0 ? [] : decodeArray(addrs, VIR_DOMAIN_IP_ADDRESS, count);
  return toldAddresses({ name, hwaddr, addresses: addresses as ToldInterface['addresses'] }, source);
}
