import { posix } from 'node:path';
import type { Arch } from '../../../src/config/machine.ts';
import type { GuestKind } from '../../../src/config/settle.ts';
import type { HypervisorErrorReason } from '../../../src/errors/hypervisor-error.ts';
import { isReason } from '../../../src/errors/hypervisor-error.ts';
import type {
  DiskSize,
  DomainDocument,
  DomainState,
  DomainStatus,
  LostPast,
  PastDocument,
  SeenAddress,
} from '../../../src/hypervisor/domain-facts.ts';
import type { Domain } from '../../../src/hypervisor/domain.ts';
import type { DomainWatch } from '../../../src/hypervisor/events.ts';
import type { FileHead, FileHeads, FilesIn, HeadBounds } from '../../../src/hypervisor/file-heads.ts';
import type { HostInterface, HostMemory } from '../../../src/hypervisor/host.ts';
import type { Hypervisor } from '../../../src/hypervisor/hypervisor.ts';
import type { DomainList, ListRequest } from '../../../src/hypervisor/listing.ts';
import type { Picture, WayIn } from '../../../src/hypervisor/screen.ts';
import type {
  CanListen,
  FileSystemFlaw,
  LocalFacts,
  Neighbour,
  NotHere,
  Place,
} from '../../../src/hypervisor/local.ts';
import type { LibvirtPlaces } from '../../../src/hypervisor/places.ts';
import type { Answer } from '../../../src/hypervisor/reach.ts';
import type { RouteFacts } from '../../../src/hypervisor/routes.ts';
import type { DiskUsage, Pool } from '../../../src/hypervisor/storage.ts';
import { parseXml } from '../../../src/libvirt-xml/read/parse.ts';
import { SYSTEM_PLACES } from '../../../src/libvirt/places.ts';
import { EventQueue } from '../../../src/libvirt/domain/event-queue.ts';
import { armCapabilities, withArmGuests } from '../libvirt-xml/arm-documents.ts';
import { capabilities, DEBIAN_SECMODELS } from '../libvirt-xml/documents.ts';
import type { Statistics } from '../../../src/hypervisor/statistics.ts';
import { FakeConsole } from './fake/console.ts';
import { fakeDomain } from './fake/domain.ts';
import { describePool, failure, hostInterface, listedName, plain, uuidIn } from './fake/pieces.ts';
import type { FakeDomain, FakePool, FakeSnapshots } from './fake/pieces.ts';
import { fakePool } from './fake/storage.ts';

/**
 * Decides before each call whether it fails: `call` is for instance `Pool.start`, `index` counts all calls.
 */
export type Fault = (call: string, index: number) => HypervisorErrorReason | undefined;

/** As much of libvirt as the workflows use, in memory: directories of files, pools on them, domains. */
export class FakeHypervisor implements Hypervisor {
  readonly calls: string[] = [];
  /** By path; of each file its format and size. */
  readonly directories = new Map<string, Map<string, string>>();
  readonly pools = new Map<string, FakePool>();
  readonly domains = new Map<string, FakeDomain>();
  /** By path, modes of directories and files, in octal; of others libvirt says nothing. */
  readonly modes = new Map<string, string>();
  /** By path, owners (and groups) of those that have a mode and are not root's. */
  readonly owners = new Map<string, number>();
  /** By path, the free bytes of file systems that count them. */
  readonly available = new Map<string, number>();
  readonly withoutDirectIo = new Set<string>();
  readonly readOnly = new Set<string>();
  /** Documents of running domains where they differ from the stored ones. */
  readonly live = new Map<string, string>();
  /** By path of an overlay, what the file itself names as its backing file. */
  readonly backing = new Map<string, string>();
  /** Of domains, by name. */
  readonly snapshots = new Map<string, FakeSnapshots>();
  /** What domains can go back to. */
  past: readonly (PastDocument | LostPast)[] = [];
  /** Directories on servers that are gone. */
  readonly silent = new Set<string>();
  /** Directories behind which whoever runs plow may not look. */
  readonly hidden = new Set<string>();
  /** Bytes of files by path, of those that have any. */
  readonly contents = new Map<string, Uint8Array>();
  /** Directories and files that are links, and where to. */
  readonly links = new Map<string, string>();
  /** Files that are there under another path too, through a bind mount or a hard link, and that path. */
  readonly sameFiles = new Map<string, string>();
  /** Domains that are gone once they stop. */
  readonly transient = new Set<string>();
  /** How x86_64 guests can run, in libvirt's order. */
  virtTypes: readonly string[] = ['qemu', 'kvm'];
  arch: Arch = 'x86_64';
  /** One of x86_64 runs guests of aarch64, too. */
  emulatesArm = false;
  secmodels = DEBIAN_SECMODELS;
  firmware: readonly string[] = ['efi'];
  versions = { libvirt: 9_000_000, qemu: 7_002_022 };
  measured: Statistics = { domains: [], isWhole: true };
  disks: readonly DiskUsage[] = [];
  hostMemory: HostMemory = { totalBytes: 2 ** 40, availableBytes: 2 ** 40 };
  /** What its capabilities say of CPUs, pages and nodes. */
  topology = '';
  /** Free ones, by node and size in KiB. */
  readonly pages = new Map<string, number>();
  /** What libvirt has against huge pages. */
  hugepageFlaw: string | undefined = undefined;
  local: LocalFacts | undefined = undefined;
  routes: RouteFacts | undefined = undefined;
  notHere: NotHere | undefined = undefined;
  /** Of every domain that does not run. */
  missing: readonly string[] = [];
  isReadOnly = false;
  wayIn: WayIn = { by: 'socket' };
  graphics: readonly string[] = ['vnc'];
  screenFile = -1;
  picture: Picture | undefined;
  listening: CanListen = 'free';
  isSession = false;
  places: LibvirtPlaces | undefined = SYSTEM_PLACES;
  /** Directories that whoever runs plow may not read, or write to. */
  readonly closed = new Set<string>();
  /** Of every file, in seconds since 1970. */
  writtenAt: number | undefined;
  /** Of every domain, where it is other than usual. */
  status: Partial<DomainStatus> = {};
  seen: readonly SeenAddress[] = [];
  /** Of disks, by target. */
  readonly sizes = new Map<string, DiskSize>();
  /** Of every domain. */
  console = new FakeConsole();
  /** At every address. */
  answer: Answer = { port22: 'silent', hostKeys: undefined, neighbour: undefined };
  /** By address, MAC addresses of those who answer on the bridges, where it is this machine. */
  readonly neighbours = new Map<string, string>();
  /** By every domain. */
  bytesRead: number | undefined = undefined;
  /** Of every guest; one without an agent throws. */
  askAgent: (command: string) => string = () => {
    throw failure('virDomainQemuAgentCommand', 'other');
  };
  /** Its QEMUs say nothing. */
  hangs = false;
  readonly interfaces = new Map(['br0', 'br1'].map((name) => [name, hostInterface(name)]));
  /** Documents of libvirt's own networks. */
  readonly networks = new Map<string, string>();
  fault: Fault = () => undefined;
  /** How many looks at marks find them changed by a guest that writes. */
  writes = 0;
  /** Domains, pools and volumes that it gave and nobody has disposed of. */
  held = 0;
  #tick = 0;
  readonly queues = new Set<EventQueue>();

  /** All there is, to compare before and after. */
  census(): unknown {
    return structuredClone({
      directories: this.directories,
      pools: [...this.pools.values()].map(({ name, path, active, persistent }) => ({
        name,
        path,
        active,
        persistent,
      })),
      domains: this.domains,
      snapshots: [...this.snapshots].filter(([, { documents }]) => documents.size > 0),
    });
  }

  snapshotsOf(name: string): FakeSnapshots {
    const kept = this.snapshots.get(name) ?? { documents: new Map(), current: undefined };
    this.snapshots.set(name, kept);
    return kept;
  }

  /** A snapshot that is the current one from then on. */
  keep(name: string, xml: string): void {
    const kept = this.snapshotsOf(name);
    kept.current = parseXml(xml).first('name')?.text() ?? '';
    kept.documents.set(kept.current, xml);
  }

  addDirectory(path: string, ...files: readonly string[]): void {
    this.directories.set(path, new Map(files.map((file) => [file, 'qcow2 1073741824'])));
  }

  addPool(
    name: string,
    path: string,
    { active, persistent = true, uuid }: { active: boolean; persistent?: boolean; uuid?: string | undefined },
  ): void {
    const known = new Set(active ? this.directories.get(plain(path))?.keys() : []);
    this.pools.set(name, { name, path, uuid, active, persistent, known });
  }

  addDomain(name: string, xml: string, state: DomainState): void {
    this.domains.set(name, { xml, state, autostart: false });
  }

  async capabilities(): Promise<string> {
    this.#call('capabilities');
    if (this.arch === 'aarch64') return armCapabilities(this.virtTypes, this.secmodels);
    const document = capabilities(this.virtTypes, this.secmodels).replace('<host>', `<host>${this.topology}`);
    return this.emulatesArm ? withArmGuests(document, ['qemu']) : document;
  }

  async domainCapabilities(kind: GuestKind & { readonly machineType: string }): Promise<string> {
    this.#call(`domainCapabilities of ${kind.arch} ${kind.machineType} ${kind.virtType}`);
    const values = this.firmware.map((value) => `<value>${value}</value>`).join('');
    const graphics = this.graphics.map((value) => `<value>${value}</value>`).join('');
    const modes = ['host-model', 'host-passthrough', 'maximum'].map((mode) => {
      const has = mode !== 'host-passthrough' || kind.virtType === 'kvm';
      return `<mode name='${mode}' supported='${has ? 'yes' : 'no'}'/>`;
    });
    return `<domainCapabilities><os supported='yes'><enum name='firmware'>${values}</enum></os><cpu>${modes.join('')}</cpu><devices><graphics supported='yes'><enum name='type'>${graphics}</enum></graphics></devices></domainCapabilities>`;
  }

  async libvirtVersion(): Promise<number> {
    this.#call('libvirtVersion');
    return this.versions.libvirt;
  }

  async qemuVersion(): Promise<number> {
    this.#call('qemuVersion');
    return this.versions.qemu;
  }

  async statistics(): Promise<Statistics> {
    this.#call('statistics');
    return this.measured;
  }

  async diskUsages(): Promise<readonly DiskUsage[]> {
    this.#call('diskUsages');
    return this.disks;
  }

  async memory(): Promise<HostMemory> {
    this.#call('memory');
    return this.hostMemory;
  }

  async freePages(sizesKib: readonly number[], nodes: number): Promise<readonly (readonly number[])[]> {
    this.#call('freePages');
    return Array.from({ length: nodes }, (_, node) =>
      sizesKib.map((kib) => this.pages.get(`${node} ${kib}`) ?? 0),
    );
  }

  async flawOf(xml: string): Promise<string | undefined> {
    this.#call('flawOf');
    return xml.includes('<hugepages') ? this.hugepageFlaw : undefined;
  }

  async findInterface(name: string): Promise<HostInterface | undefined> {
    this.#call('findInterface');
    return this.interfaces.get(name);
  }

  async networkXml(name: string): Promise<string | undefined> {
    this.#call('networkXml');
    return this.networks.get(name);
  }

  async listInterfaces(): Promise<readonly HostInterface[]> {
    this.#call('listInterfaces');
    return [...this.interfaces.values()];
  }

  async canListen(): Promise<CanListen> {
    return this.listening;
  }

  async askNeighbour(address: string): Promise<Neighbour> {
    if (this.local === undefined) return { found: 'not-here' };
    const mac = this.neighbours.get(address);
    return mac === undefined ? { found: 'silent' } : { found: 'answers', mac };
  }

  async knock(): Promise<Answer> {
    return this.answer;
  }

  async mayUse(directory: string): Promise<boolean | undefined> {
    return this.local && !this.closed.has(directory);
  }

  async findFlaw(directory: string): Promise<FileSystemFlaw | undefined> {
    if (this.readOnly.has(directory)) return 'read-only';
    return this.withoutDirectIo.has(directory) ? 'no-direct-io' : undefined;
  }

  async findDomain(name: string): Promise<Domain | undefined> {
    this.#call('findDomain');
    return this.domains.has(name) ? fakeDomain(this, name) : undefined;
  }

  async findDomainByUuid(uuid: string): Promise<Domain | undefined> {
    this.#call('findDomainByUuid');
    const found = [...this.domains].find(([name, { xml }]) => uuidIn(name, xml) === uuid.toLowerCase());
    return found && fakeDomain(this, found[0]);
  }

  async defineDomain(xml: string): Promise<Domain> {
    this.#call('defineDomain');
    const name = parseXml(xml).first('name')?.text() ?? '';
    const there = this.domains.get(name);
    if (there !== undefined && uuidIn(name, there.xml) !== uuidIn(name, xml))
      throw failure('defineDomain', 'already-exists');
    if (there === undefined) this.addDomain(name, xml, 'shut off');
    else there.xml = xml;
    return fakeDomain(this, name);
  }

  /** As far as names, states and metadata tell: `plow list` has fakes of its own. */
  async listDomains({ activeOnly, info = false, documents = false }: ListRequest): Promise<DomainList> {
    this.#call('listDomains');
    const domains = [...this.domains]
      .map(([name, { xml, state }]) => ({
        ...listedName(name, uuidIn(name, xml), state !== 'shut off'),
        info: info ? { state, vcpus: 1, memoryKib: 2 ** 20, currentMemoryKib: 0, cpuSeconds: 0 } : undefined,
        missing: state === 'shut off' ? this.missing : [],
        xml: documents ? xml : undefined,
      }))
      .filter(({ active }) => active || !activeOnly);
    return { domains, seenAddresses: async () => new Map(), [Symbol.dispose]: () => {} };
  }

  /** Tells of a guest that was asked to shut down, which is off then. */
  async watchDomains(_what: 'states' | 'everything'): Promise<DomainWatch> {
    this.#call('watchDomains');
    const queue = new EventQueue(new Promise(() => {}), () => this.queues.delete(queue));
    this.queues.add(queue);
    return queue;
  }

  async domainDocuments(except: ReadonlySet<string> = new Set()): Promise<readonly DomainDocument[]> {
    this.#call('domainDocuments');
    const all = [...this.domains].map(([name, { xml, state }]) => ({
      name,
      uuid: uuidIn(name, xml),
      stored: xml,
      live: state === 'shut off' ? undefined : (this.live.get(name) ?? xml),
    }));
    return all.filter(({ uuid }) => !except.has(uuid));
  }

  async volumeDocuments(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    this.#call('volumeDocuments');
    return new Map(
      paths.flatMap((path) => {
        const backing = this.backing.get(path);
        const below = `<volume><backingStore><path>${backing}</path></backingStore></volume>`;
        return backing === undefined ? [] : [[path, below] as const];
      }),
    );
  }

  async pastDocuments(): Promise<readonly (PastDocument | LostPast)[]> {
    this.#call('pastDocuments');
    return this.past;
  }

  async fileHeads(wanted: readonly FilesIn[], { mostBytes }: HeadBounds): Promise<FileHeads> {
    if (this.isReadOnly)
      return { heads: new Map(), silent: new Set(wanted.map(({ directory }) => directory)), unstopped: [] };
    this.#call('fileHeads');
    const heads = new Map<string, FileHead>();
    for (const { directory, files } of wanted) {
      for (const file of this.silent.has(directory) ? [] : files) {
        const path = `${directory}/${file}`;
        const content = this.contents.get(this.links.get(path) ?? path);
        if (content === undefined) continue;
        if (this.writes > 0) this.writes -= 1;
        const mark = `${this.links.get(path) ?? path} ${this.writes === Infinity ? (this.#tick += 1) : this.writes}`;
        const times = `<timestamps><mtime>${mark}</mtime><ctime>${mark}</ctime></timestamps>`;
        const xml = `<volume><target>${times}</target></volume>`;
        heads.set(path, { bytes: content.subarray(0, mostBytes), xml });
      }
    }
    return { heads, silent: this.silent, unstopped: [] };
  }

  async realPath(path: string): Promise<string | undefined> {
    const real = this.links.get(path) ?? path;
    return this.hidden.has(posix.dirname(real)) ? undefined : real;
  }

  async findPlace(path: string): Promise<Place | 'missing' | 'hidden'> {
    const real = await this.realPath(path);
    return this.local === undefined || real === undefined
      ? 'hidden'
      : { real, file: this.sameFiles.get(real) ?? real };
  }

  async findPoolByPath(path: string): Promise<Pool | undefined> {
    this.#call('findPoolByPath');
    const found = [...this.pools.values()].find((pool) => pool.active && pool.path === path);
    return found && fakePool(this, found.name);
  }

  /** As the binding does: what fails is answered by undefined, unless the connection broke. */
  guessPoolByPath(path: string): Promise<Pool | undefined> {
    return this.findPoolByPath(path).catch((error: unknown) => {
      if (isReason(error, 'disconnected')) throw error;
      return undefined;
    });
  }

  async listPools(): Promise<readonly Pool[]> {
    this.#call('listPools');
    return [...this.pools.keys()].map((name) => fakePool(this, name));
  }

  async startPool(xml: string, { build }: { readonly build: boolean }): Promise<Pool> {
    this.#call(build ? 'startPool with build' : 'startPool');
    const { name, path, uuid } = describePool(xml);
    const taken = [...this.pools.values()].some((pool) => pool.path === path || pool.name === name);
    if (taken) throw failure('startPool', 'already-exists');
    if (build && !this.directories.has(path)) this.addDirectory(path);
    if (!this.directories.has(plain(path))) throw failure('startPool', 'no-such-file');
    this.addPool(name, path, { active: true, persistent: false, uuid });
    return fakePool(this, name);
  }

  async definePool(xml: string): Promise<Pool> {
    this.#call('definePool');
    const { name, path, uuid } = describePool(xml);
    const existing = this.pools.get(name);
    if (existing === undefined) this.addPool(name, path, { active: false, uuid });
    else existing.persistent = true;
    return fakePool(this, name);
  }

  #call(call: string): void {
    const reason = this.fault(call, this.calls.push(call) - 1);
    if (reason !== undefined) throw failure(call, reason);
  }

  /** What is disposed of once: it may not be asked for anything afterwards. */
  handle(): { readonly check: (call: string) => void } & Disposable {
    let isReleased = false;
    this.held += 1;
    return {
      check: (call) => {
        if (isReleased) throw new Error(`${call} of what was released`);
        this.#call(call);
      },
      [Symbol.dispose]: () => {
        if (!isReleased) this.held -= 1;
        isReleased = true;
      },
    };
  }
}
