/** What a hypervisor tells of disks, guests and files: parts of the port in hypervisor.ts. */

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

/** Of a file. */
export interface Place {
  /** Its path without links and detours. */
  readonly real: string;
}

/** Files of one directory, and the document of the pool to lend where it has none. */
export interface FilesIn {
  readonly directory: string;
  readonly files: readonly string[];
  readonly poolXml: string;
}

export interface HeadBounds {
  readonly mostBytes: number;
  /** For the directories that answer to do so. */
  readonly withinMs: number;
}

export interface FileHead {
  /** Undefined where the document says which file is below, and for what is not a file. */
  readonly bytes: Uint8Array | undefined;
  /** Document of the volume. */
  readonly xml: string;
}

export interface HostMemory {
  readonly totalBytes: number;
  /** Free, or taken by caches that give way. */
  readonly availableBytes: number;
}

/** A disk of a domain, as far as it has a path. */
export interface DiskUsage {
  readonly domain: string;
  readonly path: string;
  /** Virtual size. */
  readonly capacityBytes: number;
  /** What it takes up now. */
  readonly takenBytes: number;
}

export interface LocalEntry {
  readonly type: 'file' | 'dir' | 'other';
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
  readonly bytes: number;
  /** What it takes up. */
  readonly takenBytes: number;
  /** Free bytes of its file system. */
  readonly availableBytes: number;
  /** Of a file or block device the first bytes. */
  readonly head: Uint8Array;
}
