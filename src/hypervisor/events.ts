/** What happens to domains. */
export interface Events {
  /**
   * Calls `onChange` whenever something has changed that a list shows, once for changes that come together, until the
   * connection closes. libvirt tells nothing of autostart, of CPUs, and of memory and devices for the next start.
   */
  watchDomains(onChange: () => void): Promise<DomainWatch>;
  /** As watchDomains, of starts and stops of any domain only, for as many at once as like: only the first costs a round trip. */
  watchStates(onChange: () => void): Promise<StateWatch>;
}

export interface DomainWatch {
  /** Fails with reason `disconnected` when the connection breaks, and never ends otherwise. */
  readonly broken: Promise<never>;
}

/** `leave`: nothing is told from now on. */
export type StateWatch = DomainWatch & { readonly leave: () => void };
