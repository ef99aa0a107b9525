import { realpath } from 'node:fs/promises';
import type { DomainDocument, LostPast, PastDocument } from '../hypervisor/domain-facts.ts';
import type { Domain } from '../hypervisor/domain.ts';
import type { DomainWatch } from '../hypervisor/events.ts';
import type { FileHeads, FilesIn, HeadBounds } from '../hypervisor/file-heads.ts';
import type { HostInterface, HostMemory } from '../hypervisor/host.ts';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import type { DomainList, ListRequest } from '../hypervisor/listing.ts';
import type {
  CanListen,
  FileSystemFlaw,
  LocalFacts,
  Neighbour,
  NotHere,
  Place,
} from '../hypervisor/local.ts';
import type { LibvirtPlaces } from '../hypervisor/places.ts';
import type { Answer } from '../hypervisor/reach.ts';
import type { RouteFacts } from '../hypervisor/routes.ts';
import type { WayIn } from '../hypervisor/screen.ts';
import type { DiskUsage, Pool } from '../hypervisor/storage.ts';
import type { Connection } from './connection/connection.ts';
import { fileHeads } from './storage/file-heads.ts';
import { findFlaw, lookForFlaw } from '../this-machine/file-system-flaw.ts';
import { diskUsages } from './domain/disks/usage.ts';
import { domainDocuments } from './domain/documents.ts';
import { DomainEvents } from './domain/events.ts';
import { listDomains } from './domain/list.ts';
import { statistics } from './domain/statistics.ts';
import type { Statistics } from '../hypervisor/statistics.ts';
import { LibvirtDomain } from './domain/domain.ts';
import { hostMemory } from './host/memory.ts';
import { flawOf, freePages } from './host/pages.ts';
import { findInterface, listInterfaces } from './host/interfaces.ts';
import { networkXml } from './host/networks.ts';
import { findPlace, LOCAL_FACTS, mayUse } from '../this-machine/facts.ts';
import { askNeighbour } from '../this-machine/neighbours.ts';
import { knock } from '../this-machine/reach.ts';
import { ROUTE_FACTS } from '../this-machine/routes/facts.ts';
import { pastDocuments } from './domain/past/past-documents.ts';
import { LibvirtPool } from './storage/pool.ts';
import { volumeDocuments } from './storage/volume-documents.ts';

interface Kind {
  /**
   * Why the hypervisor's files are not those that plow sees, looked at when it first matters; undefined where
   * the URI names another machine.
   */
  readonly whyNotHere: (() => NotHere | undefined) | undefined;
  readonly isReadOnly: boolean;
  readonly isSession: boolean;
  readonly places: LibvirtPlaces | undefined;
  readonly wayIn: WayIn;
}

type DomainKind = Parameters<Hypervisor['domainCapabilities']>[0];

/** The port of hypervisor/hypervisor.ts over one libvirt connection. */
export class LibvirtHypervisor implements Hypervisor {
  readonly #connection: Connection;
  readonly #lookWhyNotHere: (() => NotHere | undefined) | undefined;
  readonly #events: DomainEvents;
  #seen: { readonly notHere: NotHere | undefined } | undefined;

  readonly isReadOnly: boolean;
  readonly isSession: boolean;
  readonly places: LibvirtPlaces | undefined;
  readonly wayIn: WayIn;

  constructor(connection: Connection, { whyNotHere, isReadOnly, isSession, places, wayIn }: Kind) {
    this.#connection = connection;
    this.#events = new DomainEvents(connection);
    this.#lookWhyNotHere = whyNotHere;
    this.isReadOnly = isReadOnly;
    this.isSession = isSession;
    this.places = places;
    this.wayIn = wayIn;
  }

  get notHere(): NotHere | undefined {
    this.#seen ??= { notHere: this.#lookWhyNotHere?.() };
    return this.#seen.notHere;
  }

  get #isThisMachine(): boolean {
    return this.#lookWhyNotHere !== undefined && this.notHere === undefined;
  }

  get local(): LocalFacts | undefined {
    return this.#isThisMachine ? LOCAL_FACTS : undefined;
  }

  get routes(): RouteFacts | undefined {
    return this.#isThisMachine ? ROUTE_FACTS : undefined;
  }

  capabilities(): Promise<string> {
    return this.#connection.callString('virConnectGetCapabilities', this.#connection.pointer);
  }

  domainCapabilities({ arch, machineType, virtType }: DomainKind): Promise<string> {
    return this.#connection.callString(
      'virConnectGetDomainCapabilities',
      this.#connection.pointer,
      null,
      arch,
      machineType,
      virtType,
      0,
    );
  }

  libvirtVersion(): Promise<number> {
    return this.#version('virConnectGetLibVersion');
  }

  qemuVersion(): Promise<number> {
    return this.#version('virConnectGetVersion');
  }

  diskUsages(): Promise<readonly DiskUsage[]> {
    return diskUsages(this.#connection);
  }

  memory(): Promise<HostMemory> {
    return hostMemory(this.#connection);
  }

  freePages(sizesKib: readonly number[], nodes: number): Promise<readonly (readonly number[])[]> {
    return freePages(this.#connection, sizesKib, nodes);
  }

  flawOf(xml: string): Promise<string | undefined> {
    return flawOf(this.#connection, xml);
  }

  findInterface(name: string): Promise<HostInterface | undefined> {
    return findInterface(this.#connection, name, this.#isThisMachine);
  }

  networkXml(name: string): Promise<string | undefined> {
    return networkXml(this.#connection, name);
  }

  listInterfaces(): Promise<readonly HostInterface[]> {
    return listInterfaces(this.#connection, this.#isThisMachine);
  }

  async findFlaw(directory: string): Promise<FileSystemFlaw | undefined> {
    if (!this.#isThisMachine) return undefined;
    return this.isReadOnly ? lookForFlaw(directory) : findFlaw(directory);
  }

  async mayUse(directory: string): Promise<boolean | undefined> {
    return this.#isThisMachine ? mayUse(directory) : undefined;
  }

  knock(
    address: string,
    how: { readonly withinMs: number; readonly withHostKeys: boolean },
  ): Promise<Answer> {
    return knock(address, how);
  }

  findDomain(name: string): Promise<Domain | undefined> {
    return LibvirtDomain.find(this.#connection, name);
  }

  findDomainByUuid(uuid: string): Promise<Domain | undefined> {
    return LibvirtDomain.findByUuid(this.#connection, uuid);
  }

  defineDomain(xml: string): Promise<Domain> {
    return LibvirtDomain.define(this.#connection, xml);
  }

  domainDocuments(except?: ReadonlySet<string>): Promise<readonly DomainDocument[]> {
    return domainDocuments(this.#connection, except);
  }

  pastDocuments(): Promise<readonly (PastDocument | LostPast)[]> {
    return pastDocuments(this.#connection);
  }

  async fileHeads(wanted: readonly FilesIn[], bounds: HeadBounds): Promise<FileHeads> {
    // Neither is a pool lent there, nor are the bytes of a volume to be had.
    if (this.isReadOnly)
      return { heads: new Map(), silent: new Set(wanted.map(({ directory }) => directory)), unstopped: [] };
    return fileHeads(this.#connection, wanted, bounds);
  }

  volumeDocuments(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return volumeDocuments(this.#connection, paths);
  }

  async realPath(path: string): Promise<string | undefined> {
    return this.#isThisMachine ? realpath(path).catch(() => undefined) : undefined;
  }

  async findPlace(path: string): Promise<Place | 'missing' | 'hidden'> {
    return this.#isThisMachine ? findPlace(path) : 'hidden';
  }

  async askNeighbour(address: string, bridge: string, withinMs: number): Promise<Neighbour> {
    return this.#isThisMachine ? askNeighbour(address, bridge, withinMs) : { found: 'not-here' };
  }

  async canListen(address: string, port: number | undefined): Promise<CanListen> {
    if (!this.#isThisMachine) return 'unknown';
    const { canListen } = await import('../this-machine/screen/can-listen.ts');
    return canListen(address, port);
  }

  statistics(): Promise<Statistics> {
    return statistics(this.#connection);
  }

  listDomains(request: ListRequest): Promise<DomainList> {
    return listDomains(this.#connection, request);
  }

  watchDomains(what: 'states' | 'everything'): Promise<DomainWatch> {
    return this.#events.watchDomains(what);
  }

  findPoolByPath(path: string): Promise<Pool | undefined> {
    return LibvirtPool.findByPath(this.#connection, path);
  }

  guessPoolByPath(path: string): Promise<Pool | undefined> {
    return LibvirtPool.guessByPath(this.#connection, path);
  }

  listPools(): Promise<readonly Pool[]> {
    return LibvirtPool.list(this.#connection);
  }

  startPool(xml: string, { build }: { readonly build: boolean }): Promise<Pool> {
    return LibvirtPool.startTransient(this.#connection, xml, build);
  }

  definePool(xml: string): Promise<Pool> {
    return LibvirtPool.define(this.#connection, xml);
  }

  async #version(name: 'virConnectGetLibVersion' | 'virConnectGetVersion'): Promise<number> {
    const out: [number] = [0];
    await this.#connection.call(name, this.#connection.pointer, out);
    return out[0];
  }
}
