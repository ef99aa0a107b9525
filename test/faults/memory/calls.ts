import { connect } from '../../../src/libvirt/connect.ts';
import type { ConnectOptions, OpenHypervisor } from '../../../src/libvirt/connect.ts';
import type { Domain } from '../../../src/hypervisor/domain.ts';
import type { Hypervisor } from '../../../src/hypervisor/hypervisor.ts';
import type { Pool, Volume } from '../../../src/hypervisor/storage.ts';
import { LIST_ALL, lookedAt } from '../../unit/vm/listed.ts';
import { METADATA_NAMESPACE } from '../../../src/libvirt-xml/metadata/metadata.ts';

/** One of each kind, as one connection sees them. */
export interface Things {
  readonly hypervisor: Hypervisor;
  readonly domain: Domain;
  readonly pool: Pool;
  readonly volume: Volume;
}

type Calls<T> = Record<
  Exclude<keyof T, 'name' | 'uuid' | symbol>,
  (thing: T, things: Things) => Promise<unknown>
>;

const POOL_PATH = '/var/lib/libvirt/images/memory';
export const POOL = `<pool type='dir'><name>memory</name><target><path>${POOL_PATH}</path></target></pool>`;

export function serverDomain(name: string): string {
  return `<domain type='qemu'><name>${name}</name><memory>65536</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os></domain>`;
}

export function serverVolume(name: string, bytes: number): string {
  return `<volume><name>${name}</name><capacity>${bytes}</capacity></volume>`;
}

const SNAPSHOT = '<domainsnapshot><name>memory</name></domainsnapshot>';

const DOMAIN_CALLS: Calls<Domain> = {
  isPersistent: (domain) => domain.isPersistent(),
  xml: (domain) => domain.xml('stored'),
  state: (domain) => domain.state(),
  status: (domain) => domain.status(),
  views: (domain) => domain.views(),
  diskSizes: (domain) => domain.diskSizes(['vda'], 1000),
  missingFiles: (domain) => domain.missingFiles(1000),
  bytesRead: (domain) => domain.bytesRead(5000),
  traffic: (domain) => domain.traffic(['vnet0']),
  seenAddresses: (domain) => domain.seenAddresses({ askAgent: true, withinMs: 1000 }),
  askAgent: (domain) => domain.askAgent('{"execute":"guest-ping"}', 1000),
  async screen({ screen }) {
    const asked = [screen.open(), screen.picture(2 ** 20)];
    const failed = (await Promise.allSettled(asked)).find(({ status }) => status === 'rejected');
    if (failed !== undefined && 'reason' in failed) throw failed.reason;
  },
  openConsole: async (domain) => (await domain.openConsole(false))[Symbol.dispose](),
  start: (domain) => domain.start(),
  shutdown: (domain) => domain.shutdown(20_000),
  forceOff: (domain) => domain.forceOff(),
  suspend: (domain) => domain.suspend(),
  resume: (domain) => domain.resume(),
  wakeUp: (domain) => domain.wakeUp(),
  autostart: (domain) => domain.autostart(),
  snapshotCount: (domain) => domain.snapshotCount(),
  attachDevice: (domain) => domain.attachDevice('<disk/>', ['stored']),
  detachDevice: (domain) => domain.detachDevice('<disk/>', ['stored']),
  updateDevice: (domain) => domain.updateDevice('<disk/>', ['stored'], false),
  resizeDisk: (domain) => domain.resizeDisk('hda', 2 ** 30, false),
  tuneDisk: (domain) => domain.tuneDisk('hda', new Map([['total_iops_sec', 100]])),
  setVcpus: (domain) => domain.setVcpus(1, 'stored'),
  setMemory: (domain) => domain.setMemory(2 ** 20, 'stored'),
  snapshots: (domain) => domain.snapshots(),
  takeSnapshot: (domain) => domain.takeSnapshot(SNAPSHOT, { quiesce: false }),
  keepSnapshot: (domain) => domain.keepSnapshot(SNAPSHOT),
  forgetSnapshot: (domain) => domain.forgetSnapshot('memory'),
  wholeDocument: (domain) => domain.wholeDocument(),
  setAutostart: (domain) => domain.setAutostart(true),
  setDescription: (domain) => domain.setDescription('a web server'),
  setMetadata: (domain) => domain.setMetadata('<vm/>', METADATA_NAMESPACE),
  undefine: (domain) => domain.undefine(),
};

const POOL_CALLS: Calls<Pool> = {
  xml: (pool) => pool.xml(),
  isActive: (pool) => pool.isActive(),
  isPersistent: (pool) => pool.isPersistent(),
  refresh: (pool) => pool.refresh(),
  start: (pool) => pool.start(),
  stop: (pool) => pool.stop(),
  removeDirectory: (pool) => pool.removeDirectory(),
  undefine: (pool) => pool.undefine(),
  findVolume: (pool) => pool.findVolume('a'),
  volumeNames: (pool) => pool.volumeNames(),
  createVolume: (pool) => pool.createVolume(serverVolume('b', 1024)),
  cloneVolume: (pool, { volume }) => pool.cloneVolume(serverVolume('b', 1024), volume),
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

const VOLUME_CALLS: Calls<Volume> = {
  xml: (volume) => volume.xml(),
  resize: (volume) => volume.resize(1_000_000),
  upload: (volume) => volume.upload(new Uint8Array(1000)),
  write: (volume) => volume.write(500, 1000, once(new Uint8Array(1000))),
  writeSparse: (volume) => volume.writeSparse(500, once(new Uint8Array(1000))),
  download: (volume) => volume.download(2000),
  head: (volume) => volume.head(2000),
  part: (volume) => volume.part(1000, 2000),
  readSparse: async (volume) => {
    for await (const _ of volume.readSparse(1000, 2000));
  },
  delete: (volume) => volume.delete(),
};

/** The others do not ask libvirt. */
const HYPERVISOR_CALLS: Record<
  Exclude<
    keyof Hypervisor,
    | 'findFlaw'
    | 'mayUse'
    | 'knock'
    | 'askNeighbour'
    | 'realPath'
    | 'findPlace'
    | 'local'
    | 'notHere'
    | 'isReadOnly'
    | 'isSession'
    | 'canListen'
    | 'places'
    | 'wayIn'
    | 'routes'
  >,
  (hypervisor: Hypervisor) => Promise<unknown>
> = {
  capabilities: (hypervisor) => hypervisor.capabilities(),
  domainCapabilities: (hypervisor) =>
    hypervisor.domainCapabilities({ arch: 'x86_64', machineType: 'q35', virtType: 'qemu' }),
  libvirtVersion: (hypervisor) => hypervisor.libvirtVersion(),
  freePages: (hypervisor) => hypervisor.freePages([4], 1),
  flawOf: (hypervisor) => hypervisor.flawOf('<domain/>'),
  qemuVersion: (hypervisor) => hypervisor.qemuVersion(),
  diskUsages: (hypervisor) => hypervisor.diskUsages(),
  memory: (hypervisor) => hypervisor.memory(),
  findInterface: (hypervisor) => hypervisor.findInterface('lo'),
  networkXml: (hypervisor) => hypervisor.networkXml('default'),
  listInterfaces: (hypervisor) => hypervisor.listInterfaces(),
  findDomain: (hypervisor) => hypervisor.findDomain('nosuch'),
  findDomainByUuid: (hypervisor) => hypervisor.findDomainByUuid('00000000-0000-4000-8000-000000000000'),
  defineDomain: (hypervisor) => hypervisor.defineDomain('<domain><name/></domain>'),
  domainDocuments: (hypervisor) => hypervisor.domainDocuments(),
  pastDocuments: (hypervisor) => hypervisor.pastDocuments(),
  fileHeads: (hypervisor) =>
    hypervisor.fileHeads([{ directory: POOL_PATH, files: ['a', 'nosuch'], poolXml: POOL }], {
      mostBytes: 4096,
      withinMs: 10_000,
    }),
  volumeDocuments: (hypervisor) => hypervisor.volumeDocuments([`${POOL_PATH}/a`, '/nosuch']),
  statistics: (hypervisor) => hypervisor.statistics(),
  listDomains: (hypervisor) => lookedAt(hypervisor, LIST_ALL),
  watchDomains: (hypervisor) => hypervisor.watchDomains('everything'),
  findPoolByPath: (hypervisor) => hypervisor.findPoolByPath('/nosuch'),
  guessPoolByPath: (hypervisor) => hypervisor.guessPoolByPath('/nosuch'),
  listPools: (hypervisor) => hypervisor.listPools(),
  startPool: (hypervisor) => hypervisor.startPool('<pool/>', { build: true }),
  definePool: (hypervisor) => hypervisor.definePool('<pool/>'),
};

/** Every method of everything a connection gives. */
export const CALLS: Readonly<
  Record<keyof Things, Readonly<Record<string, (things: Things) => Promise<unknown>>>>
> = {
  hypervisor: of(HYPERVISOR_CALLS, ({ hypervisor }) => hypervisor),
  domain: of(DOMAIN_CALLS, ({ domain }) => domain),
  pool: of(POOL_CALLS, ({ pool }) => pool),
  volume: of(VOLUME_CALLS, ({ volume }) => volume),
};

function of<T>(
  calls: Readonly<Record<string, (thing: T, things: Things) => Promise<unknown>>>,
  pick: (things: Things) => T,
): Record<string, (things: Things) => Promise<unknown>> {
  const bound = Object.entries(calls).map(([name, call]) => [
    name,
    (things: Things) => call(pick(things), things),
  ]);
  return Object.fromEntries(bound) as Record<string, (things: Things) => Promise<unknown>>;
}

export async function needed<T>(thing: Promise<T | undefined>): Promise<T> {
  const found = await thing;
  if (found === undefined) throw new Error('it is not there');
  return found;
}

export interface Counting extends OpenHypervisor {
  /** Names of those that have ended. */
  readonly calls: readonly string[];
}

/** @param options `threads` for a connection on which calls run in a row, as on one to this machine */
export async function connectCounting(uri: string, options: ConnectOptions = {}): Promise<Counting> {
  const calls: string[] = [];
  return { ...(await connect(uri, { ...options, observe: (name) => void calls.push(name) })), calls };
}
