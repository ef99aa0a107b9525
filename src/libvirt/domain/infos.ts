import koffi from 'koffi';
import type { DomainInfo } from '../../hypervisor/domain-facts.ts';
import type { Connection } from '../connection/connection.ts';
import { uuidOf } from './identity.ts';
import type { Identity } from './identity.ts';
import { statsQuestion } from './stats.ts';
import type { DomainStats } from './stats.ts';
import { stateFromNumber } from './state.ts';
import type { Call } from '../connection/calls.ts';
import { VIR_DOMAIN_INFO } from '../abi/structs.ts';

/** virDomainStatsTypes. */
const STATS = { state: 1, balloon: 4, vcpu: 8 } as const;
/** virConnectGetAllDomainStatsFlags: those that do not run. */
const INACTIVE = 2;
const NANOSECONDS = 1e9;

/**
 * State, CPUs and memory of all domains that do not run, by UUID: one call, for there is no QEMU that it
 * could enter. Drivers may not know it, and one that is starting just now is left out.
 */
export function stoppedQuestion(connection: Connection): {
  readonly call: Call;
  /** Must be called, whatever came of the call. */
  readonly take: (answer: unknown) => ReadonlyMap<string, DomainInfo>;
} {
  const { call, take } = statsQuestion(connection, STATS.state | STATS.balloon | STATS.vcpu, INACTIVE);
  return {
    call,
    take: (answer) => take(answer, (records) => new Map(records.flatMap((record) => infoFromStats(record)))),
  };
}

/**
 * State, CPUs and memory of domains by UUID; a domain that went away has none. @param stopped what is known
 * already: each of the others takes a call
 */
export async function domainInfos(
  connection: Connection,
  domains: readonly Identity[],
  stopped: ReadonlyMap<string, DomainInfo>,
): Promise<ReadonlyMap<string, DomainInfo>> {
  const infos = new Map(
    domains.flatMap(({ uuid, active }) => {
      const info = active ? undefined : stopped.get(uuid);
      return info === undefined ? [] : [[uuid, info] as const];
    }),
  );
  const rest = await askEach(
    connection,
    domains.filter(({ uuid }) => !infos.has(uuid)),
  );
  return new Map([...infos, ...rest]);
}

function infoFromStats({ domain, stats }: DomainStats): readonly (readonly [string, DomainInfo])[] {
  const [state, vcpus, memoryKib] = ['state.state', 'vcpu.current', 'balloon.maximum'].map((name) =>
    stats.get(name),
  );
  if (typeof state !== 'number' || typeof vcpus !== 'number' || typeof memoryKib !== 'number') return [];
  return [
    [uuidOf(domain), { state: stateFromNumber(state), vcpus, memoryKib, currentMemoryKib: 0, cpuSeconds: 0 }],
  ];
}

/** A field of the struct for each. */
interface NativeInfo {
  readonly state: number;
  readonly maxMem: number;
  readonly memory: number;
  readonly nrVirtCpu: number;
  readonly cpuTime: number | bigint;
}

async function askEach(
  connection: Connection,
  domains: readonly Identity[],
): Promise<ReadonlyMap<string, DomainInfo>> {
  const buffers = domains.map(() => Buffer.alloc(koffi.sizeof(VIR_DOMAIN_INFO)));
  const answers = await connection.callBatch(
    'virDomainGetInfo',
    domains.map(({ pointer }, index) => [pointer, buffers[index] ?? null]),
  );
  return new Map(
    domains.flatMap(({ uuid }, index) =>
      answers[index] === undefined ? [] : [[uuid, readInfo(buffers[index])] as const],
    ),
  );
}

/** @param buffer of a virDomainInfo */
export function readInfo(buffer: Buffer | undefined): DomainInfo {
  const { state, maxMem, memory, nrVirtCpu, cpuTime } = koffi.decode(buffer, VIR_DOMAIN_INFO) as NativeInfo;
  return {
    state: stateFromNumber(state),
    vcpus: nrVirtCpu,
    memoryKib: maxMem,
    currentMemoryKib: memory,
    cpuSeconds: Number(cpuTime) / NANOSECONDS,
  };
}
