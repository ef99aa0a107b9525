import type { DomainState } from '../../hypervisor/domain-facts.ts';
import type { DomainStatistics, MemoryStatistics } from '../../hypervisor/statistics.ts';
import type { Look } from './look.ts';

/** What a VM did between two looks; undefined: not told, or there was one look only. */
export interface TopRow {
  readonly name: string;
  readonly uuid: string;
  /** Of the settings, where several hypervisors are asked. */
  readonly host: string | undefined;
  readonly state: DomainState;
  readonly vcpus: number | undefined;
  /** Of one CPU of the host: 200 are two that did nothing else. */
  readonly cpuPercent: number | undefined;
  readonly memory: TopMemory;
  /** In bytes per second, of all disks or interfaces together, as the guest sees them. */
  readonly read: number | undefined;
  readonly written: number | undefined;
  readonly received: number | undefined;
  readonly sent: number | undefined;
}

export interface TopMemory {
  /** What the guest has. */
  readonly givenBytes: number | undefined;
  /** Of that: what the guest says, else what QEMU has of the host's. */
  readonly usedBytes: number | undefined;
}

/** Shown are VMs that have a QEMU. */
const OFF: ReadonlySet<DomainState> = new Set(['shut off', 'crashed']);

/**
 * What the VMs of a look did since the one before. What counts anew, as a VM that was started again, has no
 * rate until the next look.
 */
export function ratesOf(before: Look | undefined, now: Look, host: string | undefined): readonly TopRow[] {
  const earlier = new Map(before?.vms.map((vm) => [vm.uuid, vm]));
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
  return now.vms
    .filter(({ state, cpuSeconds }) => !OFF.has(state) || cpuSeconds !== undefined)
    .map((vm) => {
      const rate = (of: Count): number | undefined => rateOf(of(earlier.get(vm.uuid)), of(vm), seconds);
      const { name, uuid, state, vcpus } = vm;
      const cpu = rate((one) => one?.cpuSeconds);
      return {
        name,
        uuid,
        host,
        state,
        vcpus,
        cpuPercent: cpu === undefined ? undefined : cpu * 100,
        memory: memoryOf(vm.memory),
        read: rate((one) => sumOf(one?.disks, (disk) => disk.readBytes)),
        written: rate((one) => sumOf(one?.disks, (disk) => disk.writtenBytes)),
        received: rate((one) => sumOf(one?.interfaces, (nic) => nic.receivedBytes)),
        sent: rate((one) => sumOf(one?.interfaces, (nic) => nic.sentBytes)),
      };
    });
}

type Count = (vm: DomainStatistics | undefined) => number | undefined;

function rateOf(before: number | undefined, now: number | undefined, seconds: number): number | undefined {
  if (before === undefined || now === undefined || seconds <= 0 || now < before) return undefined;
  return (now - before) / seconds;
}

/** Undefined where nothing of it is told; 0 of nothing. */
function sumOf<T>(all: readonly T[] | undefined, of: (one: T) => number | undefined): number | undefined {
  const told = all?.map(of).filter((value) => value !== undefined);
  if (told === undefined || (told.length === 0 && all?.length !== 0)) return undefined;
  return told.reduce((sum, value) => sum + value, 0);
}

function memoryOf({ currentBytes, availableBytes, usableBytes, residentBytes }: MemoryStatistics): TopMemory {
  const told =
    availableBytes === undefined || usableBytes === undefined ? undefined : availableBytes - usableBytes;
  return { givenBytes: currentBytes, usedBytes: told ?? residentBytes };
}
