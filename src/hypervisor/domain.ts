import type {
  DiskSizes,
  DomainDocument,
  DomainState,
  DomainStatus,
  DomainViews,
  LostPast,
  PastDocument,
  SeenAddress,
  Traffic,
} from './domain-facts.ts';
import type { Screen } from './screen.ts';

/** Virtual machines. */
export interface Domains {
  findDomain(name: string): Promise<Domain | undefined>;
  /** @param uuid with its hyphens */
  findDomainByUuid(uuid: string): Promise<Domain | undefined>;
  /** Fails with reason `already-exists` where another domain has the name. */
  defineDomain(xml: string): Promise<Domain>;
  /** The documents of all domains. @param except UUIDs of those that need not be asked for */
  domainDocuments(except?: ReadonlySet<string>): Promise<readonly DomainDocument[]>;
  /** What domains can go back to: documents of their snapshots, and of those whose memory was saved. */
  pastDocuments(): Promise<readonly (PastDocument | LostPast)[]>;
}

/** Which of a domain's amounts of memory or CPUs: what it has now, will have, or can have. */
export type Amount = 'live' | 'stored' | 'stored maximum';

export interface DomainSnapshots {
  /** Documents with the passwords in them, to be kept again. */
  readonly documents: readonly string[];
  /** The one that the domain came from last. */
  readonly current: string | undefined;
}

/**
 * A serial line to a guest. What the guest writes comes in pieces; it ends when the VM stops, and fails with
 * reason `in-use` when somebody else takes it over, `disconnected` when the connection breaks. Disposed of,
 * it ends; the hypervisor is told, and waited for when the connection closes.
 */
export interface SerialConsole extends AsyncIterable<Uint8Array>, Disposable {
  /** Ends once all is on its way. */
  send(bytes: Uint8Array): Promise<void>;
}

/** To be disposed of, as a pool. */
export interface Domain extends Disposable {
  readonly name: string;
  readonly uuid: string;
  /** False for one that is gone once it stops. */
  isPersistent(): Promise<boolean>;
  /** The document as it will be at the next start, or as it runs now. */
  xml(view: 'stored' | 'live'): Promise<string>;
  state(): Promise<DomainState>;
  /** What libvirt knows of it without asking its QEMU. */
  status(): Promise<DomainStatus>;
  /** As status, of fewer things. */
  views(): Promise<DomainViews>;
  /** Sizes of its disks by target. Those of a domain that runs are asked of its QEMU, which may hang. */
  diskSizes(targets: readonly string[], withinMs: number): Promise<DiskSizes>;
  /**
   * Images of a domain that does not run, and those below them as far as its document names them, that are
   * not there.
   */
  missingFiles(withinMs: number): Promise<readonly string[]>;
  /** Of a domain that runs, by tap. */
  traffic(taps: readonly string[]): Promise<ReadonlyMap<string, Traffic>>;
  /** Of one that runs, from all its disks since its start; undefined where that is not told in time. */
  bytesRead(withinMs: number): Promise<number | undefined>;
  /** None where libvirt cannot tell. The guest is asked over a connection that is not read-only. */
  seenAddresses(how: {
    readonly askAgent: boolean;
    readonly withinMs: number;
  }): Promise<readonly SeenAddress[]>;
  /**
   * Has the guest's agent do something, which should be connected. Fails with reason `busy` where it does not
   * answer in time. libvirt marks the domain as tainted.
   * @param command as JSON @returns its answer as JSON, which the guest makes up
   */
  askAgent(command: string, withinMs: number): Promise<string>;
  /**
   * Its first serial port, or `console` of virtio. Fails with reason `in-use` where somebody else has it.
   * @param isForced they are thrown out
   */
  openConsole(isForced: boolean): Promise<SerialConsole>;
  readonly screen: Screen;
  start(): Promise<void>;
  /** Asks the guest to power off. Fails with reason `busy` where its QEMU does not react in time. */
  shutdown(withinMs: number): Promise<void>;
  /** Pulls the plug. */
  forceOff(): Promise<void>;
  /** Halts its CPUs; it keeps its memory. Fails with reason `busy` where its QEMU does not react in time. */
  suspend(): Promise<void>;
  /** Lets a paused one go on. Fails as suspend. */
  resume(): Promise<void>;
  /** Of a guest that went to sleep by itself (`pmsuspended`). Fails as suspend. */
  wakeUp(): Promise<void>;
  autostart(): Promise<boolean>;
  setAutostart(on: boolean): Promise<void>;
  snapshotCount(): Promise<number>;
  snapshots(): Promise<DomainSnapshots>;
  /** Has libvirt freeze the disks of one that runs, which then go on in files that are there already. */
  takeSnapshot(xml: string, how: { readonly quiesce: boolean }): Promise<void>;
  /** Has libvirt keep a document of a snapshot as the one that the domain came from last. */
  keepSnapshot(xml: string): Promise<void>;
  /** Of the document alone: files stay as they are. What came after it then comes after its parent. */
  forgetSnapshot(name: string): Promise<void>;
  /** The stored document with the passwords in it, to be defined again. */
  wholeDocument(): Promise<string>;
  /**
   * Replaces the element of a namespace of plow's, in the stored document and in that of a domain that runs;
   * undefined takes it away.
   * @param isOff it does not run for sure, and one round trip is enough
   */
  setMetadata(
    element: string | undefined,
    namespace: { readonly prefix: string; readonly uri: string },
    isOff?: boolean,
  ): Promise<void>;
  /** What stands in its document for people, as stored and as it runs; undefined: nothing. */
  setDescription(text: string | undefined): Promise<void>;
  /** Adds a device to what is stored and, where it is in `views`, to what runs. All or nothing. */
  attachDevice(xml: string, views: readonly ('stored' | 'live')[]): Promise<void>;
  /** As attachDevice. What runs may have it for a while: its guest has to let it go. */
  detachDevice(xml: string, views: readonly ('stored' | 'live')[]): Promise<void>;
  /**
   * As attachDevice: what a device is to be from now on, such as a drive with another medium in it.
   * @param isForced although the guest has its tray locked
   */
  updateDevice(xml: string, views: readonly ('stored' | 'live')[], isForced: boolean): Promise<void>;
  /**
   * Makes a disk of a domain that runs as large as that, or smaller: whoever calls it looks before.
   * @param canRefuse this libvirt knows how to refuse to make it smaller, and is to
   */
  resizeDisk(target: string, bytes: number, canRefuse: boolean): Promise<void>;
  /**
   * What a disk of a domain that runs may do in a second, from now on and as stored.
   * @param limits by libvirt's names, such as `total_iops_sec`; 0: as much as the host can do
   */
  tuneDisk(target: string, limits: ReadonlyMap<string, number>): Promise<void>;
  /** `stored maximum` lowers what is stored as well, where that would be more. */
  setVcpus(count: number, what: Amount): Promise<void>;
  /** As setVcpus. `live`: what the balloon leaves the guest. */
  setMemory(kib: number, what: Amount): Promise<void>;
  /**
   * Forgets the domain with its managed save, snapshot and checkpoint metadata, TPM state and, unless kept,
   * NVRAM.
   */
  undefine(options?: { readonly keepNvram: boolean }): Promise<void>;
}
