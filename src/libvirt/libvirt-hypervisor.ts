import type {
  Domain,
  DomainDocument,
  Hypervisor,
  ListedDomain,
  ListOptions,
  Pool,
} from '../vm/hypervisor.ts';
import type { Connection } from './connection.ts';
import { domainDocuments } from './domain-documents.ts';
import { listDomains } from './domain-list.ts';
import { LibvirtDomain } from './domain.ts';
import { LibvirtPool } from './pool.ts';

/** The port of vm/hypervisor.ts over one libvirt connection. */
export class LibvirtHypervisor implements Hypervisor {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  capabilities(): Promise<string> {
    return this.#connection.callString('virConnectGetCapabilities', this.#connection.pointer);
  }

  async findInterface(name: string): Promise<string | undefined> {
    const found = await this.#connection.findObject(
      'virInterface',
      'virInterfaceLookupByName',
      this.#connection.pointer,
      name,
    );
    return found && this.#connection.callString('virInterfaceGetXMLDesc', found, 0);
  }

  findDomain(name: string): Promise<Domain | undefined> {
    return LibvirtDomain.find(this.#connection, name);
  }

  defineDomain(xml: string): Promise<Domain> {
    return LibvirtDomain.define(this.#connection, xml);
  }

  domainDocuments(): Promise<readonly DomainDocument[]> {
    return domainDocuments(this.#connection);
  }

  listDomains(options: ListOptions): Promise<readonly ListedDomain[]> {
    return listDomains(this.#connection, options);
  }

  findPoolByPath(path: string): Promise<Pool | undefined> {
    return LibvirtPool.findByPath(this.#connection, path);
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
}
