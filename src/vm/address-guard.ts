import type { DomainDocument } from '../hypervisor/domain-facts.ts';

/** What other hosts than the one that a command is about have in use. */
export interface Elsewhere {
  readonly hosts: readonly { readonly host: string; readonly vms: readonly DomainDocument[] }[];
  /** Those that could not be asked, or not in time, and why. */
  readonly unseen: readonly { readonly host: string; readonly why: string }[];
}

/** How a command that gives a VM a name or addresses sees to it that nobody else has them. */
export interface AddressGuard {
  /** Asks the other hosts, once for however many VMs. Undefined: there are none. */
  readonly elsewhere?: () => Promise<Elsewhere>;
  /** Whether it is to be told that a host could not be looked at: once in a command. */
  readonly tells?: (host: string) => boolean;
  /** What is in use is taken all the same, and told. */
  readonly isForced: boolean;
  /** A routed address that a VM of another host has is taken all the same, and told: both are announced. */
  readonly isAnycast?: boolean;
}
