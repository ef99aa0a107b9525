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

/** It refuses O_DIRECT, or all writing. */
export type FileSystemFlaw = 'no-direct-io' | 'read-only';

export interface Hypervisor {
  /** Capabilities document. https://libvirt.org/formatcaps.html */
  capabilities(): Promise<string>;
  /** Document of a host interface. https://libvirt.org/html/libvirt-libvirt-interface.html */
  findInterface(name: string): Promise<string | undefined>;
  /** What keeps disks from the file system of a directory; undefined also where that cannot be told from here. */
  findFlaw(directory: string): Promise<FileSystemFlaw | undefined>;
  findDomain(name: string): Promise<Domain | undefined>;
  /** Fails with reason `already-exists` where another domain has the name. */
  defineDomain(xml: string): Promise<Domain>;
  /** The documents of all domains. */
  domainDocuments(): Promise<readonly DomainDocument[]>;
  /** Documents of volumes by the path of their file, of those that lie in active pools. */
  volumeDocuments(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The path without links and detours; undefined where that cannot be told from here, or there is nothing. */
  realPath(path: string): Promise<string | undefined>;
  listDomains(options: ListOptions): Promise<readonly ListedDomain[]>;
  /** An active pool whose target is exactly this directory. */
  findPoolByPath(path: string): Promise<Pool | undefined>;
  listPools(): Promise<readonly Pool[]>;
  /** Starts a transient pool; with `build` its directory is made. */
  startPool(xml: string, options: { readonly build: boolean }): Promise<Pool>;
  definePool(xml: string): Promise<Pool>;
}

export interface DomainDocument {
  readonly name: string;
  readonly uuid: string;
  /** As it will be at the next start. */
  readonly stored: string;
  /** As it runs now; undefined for one that does not. */
  readonly live: string | undefined;
}

export interface Domain {
  readonly name: string;
  readonly uuid: string;
  /** False for one that is gone once it stops. */
  isPersistent(): Promise<boolean>;
  /** The document as it will be at the next start, or as it runs now. */
  xml(view: 'stored' | 'live'): Promise<string>;
  state(): Promise<DomainState>;
  start(): Promise<void>;
  /** Asks the guest to power off. Fails with reason `busy` where its QEMU does not react in time. */
  shutdown(withinMs: number): Promise<void>;
  /** Pulls the plug. */
  forceOff(): Promise<void>;
  setAutostart(on: boolean): Promise<void>;
  /** Replaces plow's element, in the stored document and in that of a domain that runs. */
  setMetadata(element: string, namespace: { readonly prefix: string; readonly uri: string }): Promise<void>;
  /** Forgets the domain with its managed save, snapshot and checkpoint metadata, TPM state and, unless kept, NVRAM. */
  undefine(options?: { readonly keepNvram: boolean }): Promise<void>;
}

export interface Pool {
  readonly name: string;
  xml(): Promise<string>;
  isActive(): Promise<boolean>;
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
  delete(): Promise<void>;
}

export interface ListOptions {
  readonly activeOnly: boolean;
  /** Namespace of the metadata element to fetch with each domain. */
  readonly metadataUri: string;
}

export interface ListedDomain {
  readonly name: string;
  readonly uuid: string;
  readonly state: DomainState;
  readonly active: boolean;
  readonly vcpus: number;
  /** The most that the guest can have, in KiB. */
  readonly memoryKib: number;
  /** Element of the asked namespace, if the domain carries one. */
  readonly metadata: string | undefined;
  /** Live document of an active domain without that element. */
  readonly xml: string | undefined;
  /** IPv4 addresses that libvirt's own DHCP servers leased to such a domain. */
  readonly leases: readonly string[];
}
