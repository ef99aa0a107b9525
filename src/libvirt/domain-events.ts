import koffi from 'koffi';
import { HypervisorError } from '../errors/hypervisor-error.ts';
import type { DomainWatch } from '../vm/hypervisor.ts';
import type { Connection } from './connection.ts';
import { onTurn } from './event-loop.ts';
import { callLocal, functionAddress } from './native.ts';
import { VIR_ERR, VIR_FROM } from './vir-error.ts';

/**
 * What changes something that a list shows. virConnectDomainEventID: lifecycle (define, undefine, start, stop, suspend,
 * resume...), disk change, balloon, device removed, tunable, agent, device added, metadata.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainEventID
 */
const EVENTS = [0, 9, 13, 15, 17, 18, 19, 23] as const;

/** random(3) takes any state of 8 to 256 bytes. */
const STATE_BYTES = 32;

let state: unknown;

/**
 * Calls `onChange` after events of any domain, once for those that come together.
 *
 * No JavaScript runs in libvirt's callback, which comes on a thread of its own. The callback is random(3) of libc: it wants
 * no argument, so that those of any event do it no harm, and leaves its trace in a state that is ours (initstate(3)). After
 * each turn of libvirt's event loop plow looks whether that has changed. Somebody else who draws a number costs a look at
 * the list.
 * @throws HypervisorError where the driver has no events
 */
export async function watchDomains(connection: Connection, onChange: () => void): Promise<DomainWatch> {
  const callback = functionAddress('random');
  let known = trace();
  const ids = await connection.callBatch(
    'virConnectDomainEventRegisterAny',
    EVENTS.map((event) => [connection.pointer, null, event, callback, null, null]),
  );
  if (ids[0] === undefined) throw withoutEvents();
  let leave: (() => void) | undefined;
  const broken = new Promise<never>((_resolve, reject) => {
    leave = onTurn(() => {
      if (callLocal('virConnectIsAlive', connection.pointer) !== 1) reject(broke());
      const now = trace();
      if (now.equals(known)) return;
      known = now;
      onChange();
    });
  });
  // Whoever watches may have left.
  broken.catch(() => undefined);
  return { broken, stop: () => stop(connection, ids, () => leave?.()) };
}

async function stop(connection: Connection, ids: readonly unknown[], leave: () => void): Promise<void> {
  leave();
  const registered = ids.filter((id) => typeof id === 'number');
  await connection
    .callBatch(
      'virConnectDomainEventDeregisterAny',
      registered.map((id) => [connection.pointer, id]),
    )
    // On a broken connection there is nothing left to end.
    .catch(() => undefined);
}

/** What random(3) has left so far. */
function trace(): Buffer {
  if (state === undefined) {
    state = koffi.alloc('char', STATE_BYTES);
    callLocal('initstate', 1, state as bigint, STATE_BYTES);
  }
  const copy = Buffer.alloc(STATE_BYTES);
  callLocal('memcpy', copy, state as bigint, STATE_BYTES);
  return copy;
}

function withoutEvents(): HypervisorError {
  const call = 'virConnectDomainEventRegisterAny';
  const details = { reason: 'unsupported', call, code: VIR_ERR.NO_SUPPORT, domain: 0 } as const;
  return new HypervisorError('this hypervisor tells no events of domains', details);
}

function broke(): HypervisorError {
  const details = {
    reason: 'disconnected',
    call: 'virConnectIsAlive',
    code: VIR_ERR.RPC,
    domain: VIR_FROM.RPC,
  } as const;
  return new HypervisorError('the connection to libvirt broke', details);
}
