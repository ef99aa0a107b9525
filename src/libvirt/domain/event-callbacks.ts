import koffi from 'koffi';
import type { DomainEvent, DomainEventKind } from '../../hypervisor/events.ts';
import type { Pointer } from '../abi/native.ts';
import { nameOf, uuidOf } from './identity.ts';

/** By virDomainEventType. A newer libvirt may know more. */
const KINDS: readonly DomainEventKind[] = [
  'defined',
  'undefined',
  'started',
  'suspended',
  'resumed',
  'stopped',
  'shutdown',
  'pmsuspended',
  'crashed',
];

type Hear = (event: DomainEvent, isLifecycle: boolean) => void;

interface Callbacks {
  /** For the event of starts and stops. */
  readonly lifecycle: bigint;
  /** For any other: of the arguments it reads those that all have, the rest stays in registers. */
  readonly other: bigint;
}

/** Who hears of events, by connection. */
const listeners = new Map<bigint, Hear>();

let callbacks: Callbacks | undefined;

/**
 * For virConnectDomainEventRegisterAny, the same for all connections. They are JavaScript, though libvirt
 * calls them on the thread of its event loop: koffi has that thread wait until the main one has run them. If
 * the main one leaves meanwhile by node's own exit, which joins threads, the process hangs for good; plow
 * leaves with _exit, which joins none. Measured in a storm of 4,000 events a second: of 10 processes that
 * left by node's own exit 5 hung, of 320 that left with _exit none.
 */
export function eventCallbacks(): Callbacks {
  callbacks ??= {
    lifecycle: register('void lifecycle(virConnect *, virDomain *, int)', (connection, domain, type) =>
      tell(connection, domain, KINDS[type] ?? 'changed', true),
    ),
    other: register('void other(virConnect *, virDomain *)', (connection, domain) =>
      tell(connection, domain, 'changed', false),
    ),
  };
  return callbacks;
}

/** @returns what ends that */
export function hear(connection: Pointer<'virConnect'>, listener: Hear): () => void {
  listeners.set(connection, listener);
  return () => void listeners.delete(connection);
}

function register(
  prototype: string,
  callback: (connection: bigint, domain: Pointer<'virDomain'>, type: number) => void,
): bigint {
  return koffi.register(callback, koffi.pointer(koffi.proto(prototype)));
}

/** The domain is libvirt's, and only until this returns. */
function tell(
  connection: bigint,
  domain: Pointer<'virDomain'>,
  kind: DomainEventKind,
  isLifecycle: boolean,
): void {
  listeners.get(connection)?.({ name: nameOf(domain), uuid: uuidOf(domain), kind }, isLifecycle);
}
