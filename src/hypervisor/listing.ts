import type { DomainInfo, SeenAddress } from './domain-facts.ts';

/** Many domains at once. */
export interface Listing {
  listDomains(options: ListOptions): Promise<readonly ListedDomain[]>;
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
