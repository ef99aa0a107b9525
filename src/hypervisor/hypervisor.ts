import type { VirtType } from '../config/machine.ts';
import type {
  DiskSizes,
  DiskUsage,
  FileHead,
  FilesIn,
  HeadBounds,
  HostMemory,
  LocalEntry,
  LostPast,
  PastDocument,
  Place,
  SeenAddress,
  Traffic,
} from './answers.ts';

export type {
  DiskSize,
  DiskSizes,
  DiskUsage,
  FileHead,
  FilesIn,
  HeadBounds,
  HostMemory,
  LocalEntry,
  LostPast,
  PastDocument,
  Place,
  SeenAddress,
  Traffic,
  TrafficCounts,
} from './answers.ts';

/**
 * What the workflows need of a hypervisor. `libvirt/` fits these interfaces by shape; tests may pass plain objects.
 * Every method that makes a round trip returns a promise and throws HypervisorError.
 * `find…` gives undefined where the thing does not exist.
 */

export type DomainState =
  | 'no state'
  | 'running'
  | 'idle'
  | 'paused'
  | 'in shutdown'
  | 'shut off'
  | 'crashed'
  | 'pmsuspended';

/** It refuses O_DIRECT, or all writing, or nothing. */
export type FileSystemFlaw = 'no-direct-io' | 'read-only' | 'none';

export interface Hypervisor {
  /** Undefined where the hypervisor is another machine, or may be. */
  readonly local: LocalFacts | undefined;
  /** The server refuses whatever would change anything. */
  readonly isReadOnly: boolean;
  /** Capabilities document. https://libvirt.org/formatcaps.html */
  capabilities(): Promise<string>;
  /** What QEMU can do for a q35 machine of such a kind. https://libvirt.org/formatdomaincaps.html */
  domainCapabilities(virtType: VirtType): Promise<string>;
  /** 1,000,000 * major + 1,000 * minor + release. */
  libvirtVersion(): Promise<number>;
  /** As libvirtVersion. */
  qemuVersion(): Promise<number>;
  /** Fails with reason `unsupported` where the driver does not tell. */
  memory(): Promise<HostMemory>;
  findInterface(name: string): Promise<HostInterface | undefined>;
  /** All of them but ports of bridges and taps of VMs, which findInterface finds as well. */
  listInterfaces(): Promise<readonly HostInterface[]>;
  /** What keeps disks from the file system of a directory; undefined where that cannot be told from here. */
  findFlaw(directory: string): Promise<FileSystemFlaw | undefined>;
  findDomain(name: string): Promise<Domain | undefined>;
  /** @param uuid with its hyphens */
  findDomainByUuid(uuid: string): Promise<Domain | undefined>;
  /** Fails with reason `already-exists` where another domain has the name. */
  defineDomain(xml: string): Promise<Domain>;
  /** The documents of all domains. @param except UUIDs of those that need not be asked for */
  domainDocuments(except?: ReadonlySet<string>): Promise<readonly DomainDocument[]>;
  /** What domains can go back to: documents of their snapshots, and of those whose memory was saved. */
  pastDocuments(): Promise<readonly (PastDocument | LostPast)[]>;
  /**
   * The first bytes of files, through pools: those that are there, else transient ones for the time. A directory is asked first
   * whether it answers: a pool on a file server that is gone would keep all pools from everybody. To a connection for looking only none answers.
   */
  fileHeads(wanted: readonly FilesIn[], bounds: HeadBounds): Promise<FileHeads>;
  /** Documents of volumes by the path of their file, of those that lie in active pools. */
  volumeDocuments(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The path without links and detours; undefined where that cannot be told from here, or there is nothing. */
  realPath(path: string): Promise<string | undefined>;
  /** As realPath, of a file of this machine: `missing` where there is none, `hidden` where whoever runs plow may not look. */
  findPlace(path: string): Promise<Place | 'missing' | 'hidden'>;
  /** As far as libvirt can tell without waiting. */
  diskUsages(): Promise<readonly DiskUsage[]>;
  listDomains(options: ListOptions): Promise<readonly ListedDomain[]>;
  /**
   * Calls `onChange` whenever something has changed that a list shows, once for changes that come together, until the
   * connection closes. libvirt tells nothing of autostart, of CPUs, and of memory and devices for the next start.
   */
  watchDomains(onChange: () => void): Promise<DomainWatch>;
  /** As watchDomains, of starts and stops of any domain only, for as many at once as like: only the first costs a round trip. */
  watchStates(onChange: () => void): Promise<StateWatch>;
  /** An active pool whose target is exactly this directory. */
  findPoolByPath(path: string): Promise<Pool | undefined>;
  listPools(): Promise<readonly Pool[]>;
  /** Starts a transient pool; with `build` its directory is made. */
  startPool(xml: string, options: { readonly build: boolean }): Promise<Pool>;
  definePool(xml: string): Promise<Pool>;
}

export interface DomainWatch {
  /** Fails with reason `disconnected` when the connection breaks, and never ends otherwise. */
  readonly broken: Promise<never>;
}

/** `leave`: nothing is told from now on. */
export type StateWatch = DomainWatch & { readonly leave: () => void };

/** What only the machine itself tells. */
export interface LocalFacts {
  exists(path: string): Promise<boolean>;
  /** Undefined for a file that cannot be read. */
  read(path: string): Promise<string | undefined>;
  /** A file or directory, and its file system; the error's code, such as ENOENT, where it cannot be looked at. */
  look(path: string): Promise<LocalEntry | string>;
  /** Undefined for a directory that cannot be read, though perhaps looked at. */
  names(directory: string): Promise<readonly string[] | undefined>;
  /** What a program that changes nothing prints, trimmed, whatever its exit code; undefined where it cannot be run. */
  output(program: string, args: readonly string[]): Promise<string | undefined>;
}

/** A bridge of the hypervisor, or another interface. */
export interface HostInterface {
  readonly name: string;
  readonly xml: string;
  readonly link: InterfaceLink | undefined;
  /** IPv4 addresses as `10.20.30.1/24`; undefined where only the document may tell them. */
  readonly addresses: readonly string[] | undefined;
}

/** `down`: switched off. `no-carrier`: nothing is plugged in. `inactive`: one of these, or idle; libvirt knows no more. */
export type InterfaceLink = 'up' | 'down' | 'no-carrier' | 'inactive';

export interface DomainDocument {
  readonly name: string;
  readonly uuid: string;
  /** As it will be at the next start. */
  readonly stored: string;
  /** As it runs now; undefined for one that does not. */
  readonly live: string | undefined;
}

export interface FileHeads {
  /** By path. One that is missing could not be had, for whatever reason. */
  readonly heads: ReadonlyMap<string, FileHead>;
  /** Directories that gave no answer. */
  readonly silent: ReadonlySet<string>;
  /** Lent pools that did not stop. */
  readonly unstopped: readonly Pool[];
}

export interface Domain {
  readonly name: string;
  readonly uuid: string;
  /** False for one that is gone once it stops. */
  isPersistent(): Promise<boolean>;
  /** The document as it will be at the next start, or as it runs now. */
  xml(view: 'stored' | 'live'): Promise<string>;
  state(): Promise<DomainState>;
  /** What libvirt knows of it without asking its QEMU. */
  status(): Promise<DomainStatus>;
  /** Sizes of its disks by target. Those of a domain that runs are asked of its QEMU, which may hang. */
  diskSizes(targets: readonly string[], withinMs: number): Promise<DiskSizes>;
  /** Images of a domain that does not run, and those below them as far as its document names them, that are not there. */
  missingFiles(withinMs: number): Promise<readonly string[]>;
  /** Of a domain that runs, by tap. */
  traffic(taps: readonly string[]): Promise<ReadonlyMap<string, Traffic>>;
  /** None where libvirt cannot tell. The guest is asked over a connection that is not read-only. */
  seenAddresses(how: {
    readonly askAgent: boolean;
    readonly withinMs: number;
  }): Promise<readonly SeenAddress[]>;
  start(): Promise<void>;
  /** Asks the guest to power off. Fails with reason `busy` where its QEMU does not react in time. */
  shutdown(withinMs: number): Promise<void>;
  /** Pulls the plug. */
  forceOff(): Promise<void>;
  autostart(): Promise<boolean>;
  setAutostart(on: boolean): Promise<void>;
  snapshotCount(): Promise<number>;
  /** Replaces plow's element, in the stored document and in that of a domain that runs. */
  setMetadata(element: string, namespace: { readonly prefix: string; readonly uri: string }): Promise<void>;
  /** Forgets the domain with its managed save, snapshot and checkpoint metadata, TPM state and, unless kept, NVRAM. */
  undefine(options?: { readonly keepNvram: boolean }): Promise<void>;
}

export interface Pool {
  readonly name: string;
  xml(): Promise<string>;
  isActive(): Promise<boolean>;
  /** False for one that is gone once it stops. */
  isPersistent(): Promise<boolean>;
  /** Reads the directory anew. */
  refresh(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Removes the directory of a stopped pool, if it is empty. */
  removeDirectory(): Promise<void>;
  undefine(): Promise<void>;
  findVolume(name: string): Promise<Volume | undefined>;
  volumeNames(): Promise<readonly string[]>;
  createVolume(xml: string): Promise<Volume>;
  /** A full copy of `source`, in the format that `xml` asks for. */
  cloneVolume(xml: string, source: Volume): Promise<Volume>;
}

export interface Volume {
  readonly name: string;
  xml(): Promise<string>;
  resize(bytes: number): Promise<void>;
  upload(bytes: Uint8Array, onProgress?: (sent: number) => void): Promise<void>;
  /** The bytes of the file; undefined where they are more. */
  download(mostBytes: number): Promise<Uint8Array | undefined>;
  /** The first bytes of the file, fewer where it is shorter. A read-only connection may not have them. */
  head(mostBytes: number): Promise<Uint8Array>;
  delete(): Promise<void>;
}

export interface ListOptions {
  readonly activeOnly: boolean;
  /** Namespace of the metadata element to fetch with each domain. */
  readonly metadataUri: string;
  /**
   * `names`: nothing else, in one round trip. `table`: documents of those that run. `all`: of all of them, and flags.
   */
  readonly detail: ListDetail;
  /** Who is to be asked for the addresses of an active domain. */
  readonly whoTells: (domain: Pick<ListedDomain, 'uuid' | 'metadata' | 'xml'>) => AddressTellers;
  /** How long guests are waited for. */
  readonly withinMs: number;
}

/** `host`: its leases and its table of neighbours. `guest`: its agent, which is connected, as well. */
export type AddressTellers = 'nobody' | 'host' | 'guest';

export type ListDetail = 'names' | 'table' | 'all';

export interface ListedDomain {
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
  /** Undefined where only names were asked for. */
  readonly info: DomainInfo | undefined;
  /** Element of the asked namespace, if the domain carries one. */
  readonly metadata: string | undefined;
  /** As it runs, or as it is stored if it does not. */
  readonly xml: string | undefined;
  readonly seen: readonly SeenAddress[];
  /** Undefined unless all was asked for. */
  readonly autostart: boolean | undefined;
  /** False for one that is gone once it stops. Undefined unless all was asked for. */
  readonly persistent: boolean | undefined;
  /** Disks and images below them that are not there, of one that does not run. Empty unless all was asked for. */
  readonly missing: readonly string[];
}

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
  /** Whether its memory was saved, to go on from at the next start; undefined where the driver does not tell. */
  readonly managedSave: boolean | undefined;
  /** Undefined where the driver does not tell. */
  readonly snapshots: number | undefined;
  readonly documents: Pick<DomainDocument, 'stored' | 'live'>;
}
