import { isReason } from '../../errors/hypervisor-error.ts';
import type {
  DiskStatistics,
  DomainStatistics,
  InterfaceStatistics,
  MemoryStatistics,
  Statistics,
} from '../../hypervisor/statistics.ts';
import type { Connection } from '../connection/connection.ts';
import { takenField } from './disks/taken.ts';
import { nameOf, uuidOf } from './identity.ts';
import { withDomainStats } from './stats.ts';
import type { DomainStats } from './stats.ts';
import { stateFromNumber } from './state.ts';

/** virDomainStatsTypes: state, cpu.total and interfaces, which libvirtd tells by itself. */
const OF_THE_DAEMON = 1 | 2 | 16;
/** The same with balloon, vcpu and block, for which it asks each QEMU. */
const ALL = OF_THE_DAEMON | 4 | 8 | 32;
/** How long a QEMU may take. One that hangs is passed over by the next look: its job is taken (measured). */
const PATIENCE_MS = 1000;
/** So many QEMUs that hang may there be before all memory and disks go untold. */
const LOOKS = 3;
const NANOSECONDS = 1e9;
const KIB = 1024;

/**
 * What all domains do: one round trip, where no QEMU hangs.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats
 * @throws HypervisorError
 */
export async function statistics(connection: Connection): Promise<Statistics> {
  for (let look = 0; look < LOOKS; look += 1) {
    try {
      const domains = await lookOnce(connection, ALL);
      return { domains, isWhole: look === 0 && !domains.some(isPassedOver) };
    } catch (error) {
      if (!isReason(error, 'busy')) throw error;
    }
  }
  return { domains: await lookOnce(connection, OF_THE_DAEMON), isWhole: false };
}

/** The size of a balloon libvirt knows, what it takes QEMU alone: one that hangs was not asked. */
function isPassedOver({ memory: { currentBytes, residentBytes }, cpuSeconds }: DomainStatistics): boolean {
  return cpuSeconds !== undefined && currentBytes !== undefined && residentBytes === undefined;
}

function lookOnce(connection: Connection, stats: number): Promise<readonly DomainStatistics[]> {
  return withDomainStats(connection, stats, 0, (records) => records.map(toStatistics), PATIENCE_MS);
}

function toStatistics({ domain, stats }: DomainStats): DomainStatistics {
  const numberAt = (field: string): number | undefined => {
    const value = stats.get(field);
    return typeof value === 'number' ? value : undefined;
  };
  const taken = takenField(domain);
  return {
    name: nameOf(domain),
    uuid: uuidOf(domain),
    state: stateFromNumber(numberAt('state.state') ?? 0),
    vcpus: numberAt('vcpu.current'),
    cpuSeconds: scaled(numberAt('cpu.time'), 1 / NANOSECONDS),
    memory: memoryOf(numberAt),
    interfaces: listed(numberAt('net.count'), (index) => interfaceOf(stats, `net.${index}.`, numberAt)),
    disks: listed(numberAt('block.count'), (index) => diskOf(stats, `block.${index}.`, taken, numberAt)),
  };
}

type NumberAt = (field: string) => number | undefined;

function listed<T>(count: number | undefined, of: (index: number) => T | undefined): readonly T[] {
  return Array.from({ length: count ?? 0 }, (_, index) => of(index)).filter((one) => one !== undefined);
}

function scaled(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value * by;
}

function memoryOf(numberAt: NumberAt): MemoryStatistics {
  const bytesAt = (field: string): number | undefined => scaled(numberAt(`balloon.${field}`), KIB);
  return {
    maximumBytes: bytesAt('maximum'),
    currentBytes: bytesAt('current'),
    usableBytes: bytesAt('usable'),
    availableBytes: bytesAt('available'),
    residentBytes: bytesAt('rss'),
  };
}

function interfaceOf(
  stats: DomainStats['stats'],
  at: string,
  numberAt: NumberAt,
): InterfaceStatistics | undefined {
  const name = stats.get(`${at}name`);
  if (typeof name !== 'string') return undefined;
  return {
    name,
    receivedBytes: numberAt(`${at}rx.bytes`),
    receivedPackets: numberAt(`${at}rx.pkts`),
    receivedErrors: numberAt(`${at}rx.errs`),
    receivedDrops: numberAt(`${at}rx.drop`),
    sentBytes: numberAt(`${at}tx.bytes`),
    sentPackets: numberAt(`${at}tx.pkts`),
    sentErrors: numberAt(`${at}tx.errs`),
    sentDrops: numberAt(`${at}tx.drop`),
  };
}

function diskOf(
  stats: DomainStats['stats'],
  at: string,
  taken: string,
  numberAt: NumberAt,
): DiskStatistics | undefined {
  const [target, path] = [stats.get(`${at}name`), stats.get(`${at}path`)];
  if (typeof target !== 'string') return undefined;
  return {
    target,
    path: typeof path === 'string' ? path : undefined,
    readBytes: numberAt(`${at}rd.bytes`),
    reads: numberAt(`${at}rd.reqs`),
    readSeconds: scaled(numberAt(`${at}rd.times`), 1 / NANOSECONDS),
    writtenBytes: numberAt(`${at}wr.bytes`),
    writes: numberAt(`${at}wr.reqs`),
    writeSeconds: scaled(numberAt(`${at}wr.times`), 1 / NANOSECONDS),
    capacityBytes: numberAt(`${at}capacity`),
    takenBytes: numberAt(`${at}${taken}`),
  };
}
