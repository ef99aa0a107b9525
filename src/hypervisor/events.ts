/** What happens to domains. */
export interface Events {
  /**
   * Watches all domains. The first watch of a connection costs a round trip, and the first of `everything`
   * another. libvirt tells nothing of autostart, of CPUs, and of memory and devices for the next start.
   * @param what `states`: starts, stops and the like only
   */
  watchDomains(what: 'states' | 'everything'): Promise<DomainWatch>;
}

/**
 * Each event once, in order, since the watch began. Fails with reason `disconnected` when the connection
 * breaks; ends when it closes, and when the watch is disposed of.
 */
export interface DomainWatch extends AsyncIterable<DomainEvent>, Disposable {}

export interface DomainEvent {
  readonly name: string;
  readonly uuid: string;
  readonly kind: DomainEventKind;
}

/**
 * In the words of virsh, `changed` for what does not end or begin a state: devices, disks, metadata, the
 * agent.
 */
export type DomainEventKind =
  | 'defined'
  | 'undefined'
  | 'started'
  | 'suspended'
  | 'resumed'
  | 'stopped'
  | 'shutdown'
  | 'pmsuspended'
  | 'crashed'
  | 'changed';
