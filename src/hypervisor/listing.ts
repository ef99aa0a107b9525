import type { DomainInfo, SeenAddress } from './domain-facts.ts';

/** Many domains at once. */
export interface Listing {
  listDomains(request: ListRequest): Promise<DomainList>;
}

/** Which domains, and which facts of each. A fact that is not named costs nothing. */
export interface ListRequest {
  readonly activeOnly: boolean;
  /** State, CPUs and memory. A domain that went away meanwhile is left out. */
  readonly info?: boolean;
  /** The document of each: one call tells all that is written in it. */
  readonly documents?: boolean;
  /** Whether each starts with the host, and whether it stays when it stops. */
  readonly flags?: boolean;
  /** Files that those which do not run lack; how long libvirtd is waited for, which looks at each. */
  readonly missingWithinMs?: number;
}

/** To be disposed of. */
export interface DomainList extends Disposable {
  readonly domains: readonly ListedDomain[];
  /** What is known of addresses, by UUID. @param withinMs how long guests are waited for */
  seenAddresses(
    asked: readonly AddressQuestion[],
    withinMs: number,
  ): Promise<ReadonlyMap<string, readonly SeenAddress[]>>;
}

/** About a domain of the list that runs. */
export interface AddressQuestion {
  readonly uuid: string;
  /**
   * Whether its guest agent is asked, which must be connected, beside the host's leases and table of
   * neighbours.
   */
  readonly askAgent: boolean;
}

/** What was not asked for is undefined. */
export interface ListedDomain {
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
  readonly info: DomainInfo | undefined;
  /** As it runs, or as it is stored if it does not. */
  readonly xml: string | undefined;
  readonly autostart: boolean | undefined;
  /** False for one that is gone once it stops. */
  readonly persistent: boolean | undefined;
  /** Disks and images below them that are not there, of one that does not run. Empty where nobody asked. */
  readonly missing: readonly string[];
}
