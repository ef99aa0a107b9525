export type DomainState =
  | 'no state'
  | 'running'
  | 'idle'
  | 'paused'
  | 'in shutdown'
  | 'shut off'
  | 'crashed'
  | 'pmsuspended';

export interface DomainInfo {
  readonly state: DomainState;
  readonly vcpus: number;
  /** The most that the guest can have, in KiB. */
  readonly memoryKib: number;
  /** What the balloon leaves it; 0 for one that is off. */
  readonly currentMemoryKib: number;
  /** Of all its CPUs since it was started. */
  readonly cpuSeconds: number;
}

export interface DomainStatus extends DomainInfo {
  /** Why it is in its state, in virsh's words; undefined where libvirt does not know. */
  readonly reason: string | undefined;
  /** Whether it has a QEMU. */
  readonly active: boolean;
  /** False for one that is gone once it stops. */
  readonly persistent: boolean;
  readonly autostart: boolean;
  /**
   * Whether its memory was saved, to go on from at the next start; undefined where the driver does not tell.
   */
  readonly managedSave: boolean | undefined;
  /** Undefined where the driver does not tell. */
  readonly snapshots: number | undefined;
  readonly documents: Pick<DomainDocument, 'stored' | 'live'>;
}

/** A domain from all sides, and no more. */
export type DomainViews = Pick<DomainStatus, 'documents' | 'autostart'>;

export interface DomainDocument {
  readonly name: string;
  readonly uuid: string;
  /** As it will be at the next start. */
  readonly stored: string;
  /** As it runs now; undefined for one that does not. */
  readonly live: string | undefined;
}

/** Of a snapshot (`domainsnapshot`, which holds a domain), or of a domain as it was saved. */
export interface PastDocument {
  readonly name: string;
  readonly uuid: string;
  readonly xml: string;
}

/** A domain that can go back to something which libvirt cannot read, and why it cannot. */
export interface LostPast {
  readonly name: string;
  readonly uuid: string;
  readonly why: string;
}

export interface DiskSizes {
  /** Of disks that have a size which could be told. */
  readonly sizes: ReadonlyMap<string, DiskSize>;
  /** False where the time was over before every disk was answered. */
  readonly inTime: boolean;
}

export interface DiskSize {
  /** Virtual size. */
  readonly capacityBytes: number;
  /** What it takes up now. */
  readonly takenBytes: number;
}

/** As the guest sees it, since the tap is there. What the driver does not count is undefined. */
export interface Traffic {
  readonly received: TrafficCounts;
  readonly sent: TrafficCounts;
}

export interface TrafficCounts {
  readonly bytes: number | undefined;
  readonly packets: number | undefined;
  readonly errors: number | undefined;
  readonly drops: number | undefined;
}

/** An address that a domain has, as somebody told. */
export interface SeenAddress {
  /** The guest itself, libvirt's DHCP server, or the host's table of neighbours. */
  readonly source: 'agent' | 'lease' | 'arp';
  /** In the guest (`eth0`) as the agent says, else the tap. */
  readonly interfaceName: string | undefined;
  /** Lower case. */
  readonly mac: string | undefined;
  readonly address: string;
  readonly prefixLength: number;
  readonly family: 'ipv4' | 'ipv6';
}
