import { posix } from 'node:path';
import { HypervisorError } from '../../../src/errors/hypervisor-error.ts';
import type { HypervisorErrorReason } from '../../../src/errors/hypervisor-error.ts';
import { parseXml } from '../../../src/libvirt-xml/read/parse.ts';
import { readPool, readVolume } from '../../../src/libvirt-xml/read/storage.ts';
import type {
  DiskSize,
  DomainDocument,
  DomainState,
  DomainStatus,
  LostPast,
  PastDocument,
  SeenAddress,
  Traffic,
} from '../../../src/hypervisor/domain-facts.ts';
import type { Domain } from '../../../src/hypervisor/domain.ts';
import { EventQueue } from '../../../src/libvirt/domain/event-queue.ts';
import type { DomainWatch } from '../../../src/hypervisor/events.ts';
import type { FileHead, FileHeads, FilesIn, HeadBounds } from '../../../src/hypervisor/file-heads.ts';
import type { HostInterface, HostMemory } from '../../../src/hypervisor/host.ts';
import type { Hypervisor } from '../../../src/hypervisor/hypervisor.ts';
import type { DomainList, ListedDomain, ListRequest } from '../../../src/hypervisor/listing.ts';
import type { FileSystemFlaw, LocalFacts, Place } from '../../../src/hypervisor/local.ts';
import type { DiskUsage, Pool, Volume } from '../../../src/hypervisor/storage.ts';
import { capabilities, DEBIAN_SECMODELS } from '../libvirt-xml/documents.ts';

/**
 * Decides before each call whether it fails: `call` is for instance `Pool.start`, `index` counts all calls.
 */
export type Fault = (call: string, index: number) => HypervisorErrorReason | undefined;

interface FakePool {
  readonly name: string;
  readonly path: string;
  active: boolean;
  persistent: boolean;
  /** Volumes as of the last look into the directory. */
  known: Set<string>;
}

interface FakeDomain {
  xml: string;
  state: DomainState;
  autostart: boolean;
}

const STATUS: Omit<DomainStatus, 'state' | 'active' | 'autostart' | 'documents'> = {
  reason: undefined,
  vcpus: 1,
  memoryKib: 2 ** 20,
  currentMemoryKib: 2 ** 20,
  cpuSeconds: 0,
  persistent: true,
  managedSave: false,
  snapshots: 0,
};

const TRAFFIC: Traffic = {
  received: { bytes: 1_500_000, packets: 1200, errors: 0, drops: 0 },
  sent: { bytes: 2048, packets: 20, errors: 0, drops: 3 },
};

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
  /** Domains that are gone once they stop. */
  readonly transient = new Set<string>();
  /** How x86_64 guests can run, in libvirt's order. */
  virtTypes: readonly string[] = ['qemu', 'kvm'];
  secmodels = DEBIAN_SECMODELS;
  firmware: readonly string[] = ['efi'];
  versions = { libvirt: 9_000_000, qemu: 7_002_022 };
  disks: readonly DiskUsage[] = [];
  hostMemory: HostMemory = { totalBytes: 2 ** 40, availableBytes: 2 ** 40 };
  local: LocalFacts | undefined = undefined;
  /** Of every domain that does not run. */
  missing: readonly string[] = [];
  isReadOnly = false;
  /** Of every domain, where it is other than usual. */
  status: Partial<DomainStatus> = {};
  seen: readonly SeenAddress[] = [];
  /** Of disks, by target. */
  readonly sizes = new Map<string, DiskSize>();
  /** Its QEMUs say nothing. */
  hangs = false;
  readonly interfaces = new Map(['br0', 'br1'].map((name) => [name, hostInterface(name)]));
  fault: Fault = () => undefined;
  /** How many looks at marks find them changed by a guest that writes. */
  writes = 0;
  /** Domains, pools and volumes that it gave and nobody has disposed of. */
  held = 0;
  #tick = 0;
  readonly #queues = new Set<EventQueue>();

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
    });
  }

  addDirectory(path: string, ...files: readonly string[]): void {
    this.directories.set(path, new Map(files.map((file) => [file, 'qcow2 1073741824'])));
  }

  addPool(
    name: string,
    path: string,
    { active, persistent = true }: { active: boolean; persistent?: boolean },
  ): void {
    const known = new Set(active ? this.directories.get(plain(path))?.keys() : []);
    this.pools.set(name, { name, path, active, persistent, known });
  }

  addDomain(name: string, xml: string, state: DomainState): void {
    this.domains.set(name, { xml, state, autostart: false });
  }

  async capabilities(): Promise<string> {
    this.#call('capabilities');
    return capabilities(this.virtTypes, this.secmodels);
  }

  async domainCapabilities(virtType: string): Promise<string> {
    this.#call(`domainCapabilities of ${virtType}`);
    const values = this.firmware.map((value) => `<value>${value}</value>`).join('');
    return `<domainCapabilities><os supported='yes'><enum name='firmware'>${values}</enum></os></domainCapabilities>`;
  }

  async libvirtVersion(): Promise<number> {
    this.#call('libvirtVersion');
    return this.versions.libvirt;
  }

  async qemuVersion(): Promise<number> {
    this.#call('qemuVersion');
    return this.versions.qemu;
  }

  async diskUsages(): Promise<readonly DiskUsage[]> {
    this.#call('diskUsages');
    return this.disks;
  }

  async memory(): Promise<HostMemory> {
    this.#call('memory');
    return this.hostMemory;
  }

  async findInterface(name: string): Promise<HostInterface | undefined> {
    this.#call('findInterface');
    return this.interfaces.get(name);
  }

  async listInterfaces(): Promise<readonly HostInterface[]> {
    this.#call('listInterfaces');
    return [...this.interfaces.values()];
  }

  async findFlaw(directory: string): Promise<FileSystemFlaw | undefined> {
    if (this.readOnly.has(directory)) return 'read-only';
    return this.withoutDirectIo.has(directory) ? 'no-direct-io' : undefined;
  }

  async findDomain(name: string): Promise<Domain | undefined> {
    this.#call('findDomain');
    return this.domains.has(name) ? this.#domain(name) : undefined;
  }

  async findDomainByUuid(uuid: string): Promise<Domain | undefined> {
    this.#call('findDomainByUuid');
    const found = [...this.domains].find(([name, { xml }]) => uuidIn(name, xml) === uuid.toLowerCase());
    return found && this.#domain(found[0]);
  }

  async defineDomain(xml: string): Promise<Domain> {
    this.#call('defineDomain');
    const name = parseXml(xml).first('name')?.text() ?? '';
    if (this.domains.has(name)) throw failure('defineDomain', 'already-exists');
    this.addDomain(name, xml, 'shut off');
    return this.#domain(name);
  }

  /** Their names alone: `plow list` has fakes of its own. */
  async listDomains({ activeOnly, info = false, metadataUri }: ListRequest): Promise<DomainList> {
    if (info) throw new Error('list has fakes of its own');
    this.#call('listDomains');
    const domains = [...this.domains]
      .map(([name, { xml, state }]) => ({
        ...listedName(name, uuidIn(name, xml), state !== 'shut off'),
        metadata: metadataUri === undefined ? undefined : /<plow:vm [^]*<\/plow:vm>/u.exec(xml)?.[0],
      }))
      .filter(({ active }) => active || !activeOnly);
    return { domains, seenAddresses: async () => new Map(), [Symbol.dispose]: () => {} };
  }

  /** Tells of a guest that was asked to shut down, which is off then. */
  async watchDomains(_what: 'states' | 'everything'): Promise<DomainWatch> {
    this.#call('watchDomains');
    const queue = new EventQueue(new Promise(() => {}), () => this.#queues.delete(queue));
    this.#queues.add(queue);
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
    return this.local === undefined || real === undefined ? 'hidden' : { real };
  }

  async findPoolByPath(path: string): Promise<Pool | undefined> {
    this.#call('findPoolByPath');
    const found = [...this.pools.values()].find((pool) => pool.active && pool.path === path);
    return found && this.#pool(found.name);
  }

  async listPools(): Promise<readonly Pool[]> {
    this.#call('listPools');
    return [...this.pools.keys()].map((name) => this.#pool(name));
  }

  async startPool(xml: string, { build }: { readonly build: boolean }): Promise<Pool> {
    this.#call(build ? 'startPool with build' : 'startPool');
    const { name, path } = describePool(xml);
    const taken = [...this.pools.values()].some((pool) => pool.path === path || pool.name === name);
    if (taken) throw failure('startPool', 'already-exists');
    if (build && !this.directories.has(path)) this.addDirectory(path);
    if (!this.directories.has(plain(path))) throw failure('startPool', 'no-such-file');
    this.addPool(name, path, { active: true, persistent: false });
    return this.#pool(name);
  }

  async definePool(xml: string): Promise<Pool> {
    this.#call('definePool');
    const { name, path } = describePool(xml);
    const existing = this.pools.get(name);
    if (existing === undefined) this.addPool(name, path, { active: false });
    else existing.persistent = true;
    return this.#pool(name);
  }

  #call(call: string): void {
    const reason = this.fault(call, this.calls.push(call) - 1);
    if (reason !== undefined) throw failure(call, reason);
  }

  /** What is disposed of once: it may not be asked for anything afterwards. */
  #handle(): { readonly check: (call: string) => void } & Disposable {
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

  #domain(name: string): Domain {
    const { check, ...disposable } = this.#handle();
    const domain = (call: string): FakeDomain => {
      check(`Domain.${call}`);
      return present(this.domains.get(name), `Domain.${call}`);
    };
    return {
      ...disposable,
      name,
      uuid: uuidIn(name, this.domains.get(name)?.xml ?? ''),
      isPersistent: async () => {
        domain('isPersistent');
        return !this.transient.has(name);
      },
      xml: async (view) => {
        const { xml, state } = domain('xml');
        if (view === 'stored') return xml;
        if (this.live.has(name)) return this.live.get(name) ?? xml;
        return state === 'shut off' ? xml : xml.replace('<domain', "<domain id='1'");
      },
      state: async () => domain('state').state,
      status: async () => {
        const { state, autostart, xml } = domain('status');
        const active = state !== 'shut off';
        const documents = { stored: xml, live: active ? (this.live.get(name) ?? xml) : undefined };
        return { ...STATUS, state, autostart, active, documents, ...this.status };
      },
      diskSizes: async (targets) => {
        domain('diskSizes');
        const sizes = targets.flatMap((target) => {
          const size = this.sizes.get(target);
          return size === undefined ? [] : [[target, size] as const];
        });
        return { sizes: new Map(sizes), inTime: !this.hangs };
      },
      missingFiles: async () => {
        domain('missingFiles');
        return this.missing;
      },
      traffic: async (taps) => {
        domain('traffic');
        return new Map(taps.map((tap) => [tap, TRAFFIC]));
      },
      seenAddresses: async () => {
        domain('seenAddresses');
        return this.seen;
      },
      start: async () => void (domain('start').state = 'running'),
      shutdown: async () => {
        const stopped = domain('shutdown');
        stopped.state = 'shut off';
        for (const queue of this.#queues)
          queue.add({ name, uuid: uuidIn(name, stopped.xml), kind: 'stopped' });
      },
      forceOff: async () => void (domain('forceOff').state = 'shut off'),
      suspend: async () => void (domain('suspend').state = 'paused'),
      resume: async () => void (domain('resume').state = 'running'),
      wakeUp: async () => void (domain('wakeUp').state = 'running'),
      autostart: async () => domain('autostart').autostart,
      snapshotCount: async () => {
        domain('snapshotCount');
        return 0;
      },
      setAutostart: async (on) => void (domain('setAutostart').autostart = on),
      setMetadata: async (element, { uri }) => {
        const stored = domain('setMetadata');
        const inside = element.replace('<vm', `<plow:vm xmlns:plow="${uri}"`).replace('</vm>', '</plow:vm>');
        const old = /<plow:vm [\s\S]*<\/plow:vm>/u;
        stored.xml = old.test(stored.xml)
          ? stored.xml.replace(old, () => inside)
          : stored.xml.replace(/<memory/u, () => `<metadata>${inside}</metadata><memory`);
      },
      undefine: async () => {
        domain('undefine');
        this.domains.delete(name);
      },
    };
  }

  #pool(name: string): Pool {
    const { check, ...disposable } = this.#handle();
    const pool = (call: string): FakePool => {
      check(`Pool.${call}`);
      return present(this.pools.get(name), `Pool.${call}`);
    };
    const files = (call: string): Map<string, string> =>
      present(this.directories.get(plain(pool(call).path)), call, 'no-such-file');
    const look = (call: string): void => {
      const names = new Set(files(call).keys());
      Object.assign(present(this.pools.get(name), call), { active: true, known: names });
    };
    const create = async (call: string, xml: string): Promise<Volume> => {
      const directory = files(call);
      const volume = parseXml(xml).first('name')?.text() ?? '';
      if (directory.has(volume)) throw failure(call, 'already-exists');
      const { format, capacityBytes } = readVolume(xml);
      directory.set(volume, `${format} ${capacityBytes}`);
      this.pools.get(name)?.known.add(volume);
      return this.#volume(name, volume);
    };
    return {
      ...disposable,
      name,
      xml: async () => {
        const { path } = pool('xml');
        const [mode, available] = [this.modes.get(path), this.available.get(path)];
        const sizes = `<capacity>${2 ** 40}</capacity><available>${available}</available>`;
        return `<pool><name>${name}</name>${available === undefined ? '' : sizes}
          <target><path>${path}</path>${permissionsXml(mode, this.owners.get(path))}</target></pool>`;
      },
      isActive: async () => pool('isActive').active,
      isPersistent: async () => pool('isPersistent').persistent,
      refresh: async () => look('refresh'),
      start: async () => look('start'),
      stop: async () => {
        const stopped = pool('stop');
        stopped.active = false;
        if (!stopped.persistent) this.pools.delete(name);
      },
      removeDirectory: async () => {
        const { path } = pool('removeDirectory');
        if (this.links.has(path)) throw failure('Pool.removeDirectory', 'not-a-directory');
        if (present(this.directories.get(plain(path)), 'removeDirectory', 'no-such-file').size > 0)
          throw failure('Pool.removeDirectory', 'not-empty');
        this.directories.delete(path);
      },
      undefine: async () => {
        const { active } = pool('undefine');
        if (!active) this.pools.delete(name);
      },
      findVolume: async (file) => (pool('findVolume').known.has(file) ? this.#volume(name, file) : undefined),
      volumeNames: async () => [...pool('volumeNames').known],
      createVolume: (xml) => create('createVolume', xml),
      cloneVolume: (xml) => create('cloneVolume', xml),
    };
  }

  #volume(poolName: string, name: string): Volume {
    const { check, ...disposable } = this.#handle();
    const directory = (call: string): Map<string, string> => {
      check(`Volume.${call}`);
      return present(this.directories.get(this.pools.get(poolName)?.path ?? ''), `Volume.${call}`);
    };
    return {
      ...disposable,
      name,
      xml: async () => {
        const [format, bytes] = (directory('xml').get(name) ?? '').split(' ');
        const mode = this.modes.get(`${this.pools.get(poolName)?.path}/${name}`);
        if (format === 'dir') return `<volume type='dir'><target>${permissionsXml(mode)}</target></volume>`;
        const path = `${this.pools.get(poolName)?.path}/${name}`;
        const backing = this.backing.get(path);
        const below = backing === undefined ? '' : `<backingStore><path>${backing}</path></backingStore>`;
        const permissions = permissionsXml(mode, this.owners.get(path));
        return `<volume type='file'><capacity>${bytes}</capacity><target><format type='${format}'/>${permissions}</target>${below}</volume>`;
      },
      resize: async (bytes) => void directory('resize').set(name, `raw ${bytes}`),
      upload: async (bytes, onProgress) => {
        directory('upload');
        onProgress?.(bytes.length);
      },
      download: async (mostBytes) => {
        directory('download');
        const bytes = this.contents.get(`${this.pools.get(poolName)?.path}/${name}`) ?? new Uint8Array();
        return bytes.length > mostBytes ? undefined : bytes;
      },
      head: async (mostBytes) => {
        directory('head');
        const bytes = this.contents.get(`${this.pools.get(poolName)?.path}/${name}`);
        return (
          bytes ?? headOf(this.directories.get(this.pools.get(poolName)?.path ?? '')?.get(name))
        ).subarray(0, mostBytes);
      },
      delete: async () => {
        directory('delete').delete(name);
        this.pools.get(poolName)?.known.delete(name);
      },
    };
  }
}

/** A bridge with an uplink, and without addresses, unless told otherwise. */
export function hostInterface(
  name: string,
  {
    type = 'bridge',
    content = '',
    ...changes
  }: Partial<HostInterface> & { type?: string; content?: string } = {},
): HostInterface {
  const xml = `<interface type='${type}' name='${name}'>${content}</interface>`;
  return { name, xml, link: 'up', addresses: [], ...changes };
}

export function failure(call: string, reason: HypervisorErrorReason): HypervisorError {
  return new HypervisorError(`${call} failed`, { reason, call, code: 1, domain: 10 });
}

function present<T>(value: T | undefined, call: string, reason: HypervisorErrorReason = 'not-found'): T {
  if (value === undefined) throw failure(call, reason);
  return value;
}

/** The first bytes of an image of that format and size. */
export function headOf(file = 'raw 0'): Uint8Array {
  const [format, bytes = '0'] = file.split(' ');
  const head = new Uint8Array(64 * 1024);
  if (format === 'raw') {
    head.set([0x55, 0xaa], 510);
  } else if (format === 'qcow2') {
    const view = new DataView(head.buffer);
    head.set([0x51, 0x46, 0x49, 0xfb]);
    view.setUint32(4, 3);
    view.setUint32(20, 16);
    view.setBigUint64(24, BigInt(bytes));
    view.setUint32(96, 4);
    view.setUint32(100, 104);
  }
  return head;
}

/** Of root's, unless the mode has owner and group behind it: `0711 1000 1000`. */
function permissionsXml(access: string | undefined, ownerId = 0): string {
  if (access === undefined) return '';
  const [mode, owner = ownerId, group = ownerId] = access.split(' ');
  return `<permissions><mode>${mode}</mode><owner>${owner}</owner><group>${group}</group></permissions>`;
}

/** As libvirt sees a path in which a part is `.`. */
function plain(path: string): string {
  return path.replace('/./', '/');
}

function listedName(name: string, uuid: string, active: boolean): ListedDomain {
  const unknown = { info: undefined, metadata: undefined, xml: undefined };
  return { ...unknown, name, uuid, active, autostart: undefined, persistent: undefined, missing: [] };
}

/** One that the document does not say is made from the name. */
function uuidIn(name: string, xml: string): string {
  return /<uuid>(?<uuid>[^<]+)<\/uuid>/u.exec(xml)?.groups?.['uuid'] ?? `uuid-of-${name}`;
}

function describePool(xml: string): { name: string; path: string } {
  return { name: parseXml(xml).first('name')?.text() ?? '', path: readPool(xml).path ?? '' };
}
