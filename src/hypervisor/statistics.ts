import type { DomainState } from './domain-facts.ts';

/** How domains do. */
export interface Measuring {
  /** Of all domains; a QEMU that hangs keeps it for seconds, and not more. */
  statistics(): Promise<Statistics>;
}

/** What all domains do, at one look. */
export interface Statistics {
  readonly domains: readonly DomainStatistics[];
  /** False where a QEMU that hangs kept what only QEMUs tell: memory and disks. */
  readonly isWhole: boolean;
}

/** What of a domain is counted; what was not told is undefined, as all but the state of one that is off. */
export interface DomainStatistics {
  readonly name: string;
  readonly uuid: string;
  readonly state: DomainState;
  readonly vcpus: number | undefined;
  /** Of QEMU, on all CPUs of the host, since it was started. */
  readonly cpuSeconds: number | undefined;
  readonly memory: MemoryStatistics;
  readonly interfaces: readonly InterfaceStatistics[];
  readonly disks: readonly DiskStatistics[];
}

export interface MemoryStatistics {
  /** What it has at most. */
  readonly maximumBytes: number | undefined;
  /** What the balloon leaves it. */
  readonly currentBytes: number | undefined;
  /** What the guest says it could have more without swapping. */
  readonly usableBytes: number | undefined;
  /** What the guest says it has, without what its kernel keeps. */
  readonly availableBytes: number | undefined;
  /** What QEMU has of the host's memory. */
  readonly residentBytes: number | undefined;
}

/** As the host counts: what the guest receives is received. */
export interface InterfaceStatistics {
  /** The tap. */
  readonly name: string;
  readonly receivedBytes: number | undefined;
  readonly receivedPackets: number | undefined;
  readonly receivedErrors: number | undefined;
  readonly receivedDrops: number | undefined;
  readonly sentBytes: number | undefined;
  readonly sentPackets: number | undefined;
  readonly sentErrors: number | undefined;
  readonly sentDrops: number | undefined;
}

export interface DiskStatistics {
  /** `vda`. */
  readonly target: string;
  /** Undefined for an empty drive. */
  readonly path: string | undefined;
  readonly readBytes: number | undefined;
  readonly reads: number | undefined;
  readonly readSeconds: number | undefined;
  readonly writtenBytes: number | undefined;
  readonly writes: number | undefined;
  readonly writeSeconds: number | undefined;
  /** Virtual size. */
  readonly capacityBytes: number | undefined;
  /** What its file takes up. */
  readonly takenBytes: number | undefined;
}
