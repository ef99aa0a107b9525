import koffi from 'koffi';
import { isReason } from '../errors/hypervisor-error.ts';
import type { DomainInfo } from '../vm/hypervisor.ts';
import type { Connection } from './connection.ts';
import { isActive, uuidOf } from './domain-identity.ts';
import { withDomainStats } from './domain-stats.ts';
import type { DomainStats } from './domain-stats.ts';
import { stateFromNumber } from './domain-state.ts';
import type { Pointer } from './native.ts';
import { VIR_DOMAIN_INFO } from './structs.ts';

type DomainPointer = Pointer<'virDomain'>;

/** virDomainStatsTypes. */
const STATS = { state: 1, balloon: 4, vcpu: 8 } as const;
/** virConnectGetAllDomainStatsFlags: those that do not run. */
const INACTIVE = 2;
const NANOSECONDS = 1e9;

/**
 * State, CPUs and memory of domains; a domain that went away has none. Those that do not run tell it in one round trip, for
 * there is no QEMU that it could enter; each that runs takes a call.
 */
export async function domainInfos(
  connection: Connection,
  domains: readonly DomainPointer[],
): Promise<ReadonlyMap<DomainPointer, DomainInfo>> {
  const stopped = domains.filter((domain) => !isActive(domain));
  const known = stopped.length > 1 ? await infosOfStopped(connection) : new Map<string, DomainInfo>();
  const infos = new Map(
    stopped.flatMap((domain) => {
      const info = known.get(uuidOf(domain));
      return info === undefined ? [] : [[domain, info] as const];
    }),
  );
  const rest = await askEach(
    connection,
    domains.filter((domain) => !infos.has(domain)),
  );
  return new Map([...infos, ...rest]);
}

/** By UUID. Drivers may not know it, and one that is starting just now is left out. */
async function infosOfStopped(connection: Connection): Promise<ReadonlyMap<string, DomainInfo>> {
  const stats = STATS.state | STATS.balloon | STATS.vcpu;
  try {
    return await withDomainStats(
      connection,
      stats,
      INACTIVE,
      (records) => new Map(records.flatMap((record) => infoFromStats(record))),
    );
  } catch (error) {
    if (!isReason(error, 'unsupported') && !isReason(error, 'busy')) throw error;
    return new Map();
  }
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
  domains: readonly DomainPointer[],
): Promise<ReadonlyMap<DomainPointer, DomainInfo>> {
  const buffers = domains.map(() => Buffer.alloc(koffi.sizeof(VIR_DOMAIN_INFO)));
  const answers = await connection.callBatch(
    'virDomainGetInfo',
    domains.map((domain, index) => [domain, buffers[index] ?? null]),
  );
  return new Map(
    domains.flatMap((domain, index) =>
      answers[index] === undefined ? [] : [[domain, readInfo(buffers[index])] as const],
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
