import koffi from 'koffi';
import type { DomainWatch } from '../../hypervisor/events.ts';
import type { Connection } from '../connection/connection.ts';
import { onTurn, turnOver } from '../connection/event-loop.ts';
import { callAsync, callLocal, functionAddress } from '../abi/native.ts';

/** A domain starts, stops, is paused, goes on: virDomainEventID. https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainEventID */
const LIFECYCLE = 0;
/** What else changes something that a list shows; a libvirt that does not know one of them goes without. */
const OTHERS = {
  BLOCK_JOB: 8,
  DISK_CHANGE: 9,
  TRAY_CHANGE: 10,
  BALLOON_CHANGE: 13,
  DEVICE_REMOVED: 15,
  AGENT_LIFECYCLE: 18,
  DEVICE_ADDED: 19,
  METADATA_CHANGE: 23,
  MEMORY_DEVICE_SIZE_CHANGE: 26,
};

/** random(3) takes any state of 8 to 256 bytes. */
const STATE_BYTES = 32;

let state: unknown;

/**
 * Calls `onChange` after events of any domain, once for those that come together, until the connection closes, of which
 * one watch can be had: two round trips for all that a list shows, one for states only.
 *
 * No JavaScript runs in libvirt's callback, which comes on a thread of its own. The callback is random(3) of libc: it wants
 * no argument, so that those of any event do it no harm, and leaves its trace in a state that is ours (initstate(3)). After
 * each turn of libvirt's event loop plow looks whether that has changed. Somebody else who draws a number costs a look at
 * the list.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainEventRegisterAny
 * @throws HypervisorError
 */
export async function watchDomains(
  connection: Connection,
  what: 'all' | 'states',
  onChange: () => void,
): Promise<DomainWatch> {
  let known = trace();
  const ids: number[] = [];
  const leaving: (() => void)[] = [];
  connection.beforeClose(async () => {
    for (const leave of leaving) leave();
    await deregister(connection, ids);
  });
  await register(connection, what, ids);
  const look = (): void => {
    const now = trace();
    if (now.equals(known)) return;
    known = now;
    onChange();
  };
  leaving.push(onTurn(look));
  // For what came meanwhile.
  look();
  return { broken: connection.broken };
}

async function register(connection: Connection, what: 'all' | 'states', ids: number[]): Promise<void> {
  const { pointer } = connection;
  const name = 'virConnectDomainEventRegisterAny';
  const asking = (event: number) => [pointer, null, event, functionAddress('random'), null, null] as const;
  ids.push(await connection.callNumber(name, ...asking(LIFECYCLE)));
  if (what === 'states') return;
  const others = await connection.callBatch(name, Object.values(OTHERS).map(asking));
  ids.push(...others.filter((id): id is number => id !== undefined));
}

/** Each holds a reference to the connection. A server that is gone refuses, but libvirt lets go of them all the same. */
async function deregister({ pointer }: Connection, ids: readonly number[]): Promise<void> {
  await Promise.all(ids.map((id) => callAsync('virConnectDomainEventDeregisterAny', pointer, id)));
  // One that is being told just now is let go of after that.
  await turnOver();
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
