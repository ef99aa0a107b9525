import { callAsync, callLocal, functionAddress } from './native.ts';

/**
 * libvirt's own event loop, on a thread of libuv's pool. Keepalive needs it, to send its messages and to read the answers
 * while no call waits for one, and so do events. https://libvirt.org/html/libvirt-libvirt-event.html
 */

/** How often the loop looks whether anyone still needs it. */
const TICK_MS = 200;

const loop = { registered: false, running: false, users: 0 };
const listeners = new Set<() => void>();

/** Must be called before the connection that is to use the loop is opened. @returns what ends its use */
export function useEventLoop(): () => void {
  loop.users += 1;
  if (!loop.registered) {
    loop.registered = true;
    callLocal('virEventRegisterDefaultImpl');
    // The callback gets an int and a pointer and must do nothing, outside JavaScript: abs(3) of libc does.
    callLocal('virEventAddTimeout', TICK_MS, functionAddress('abs'), null, null);
  }
  if (!loop.running) void run();
  return () => void (loop.users -= 1);
}

/** Has `listener` called after each turn of the loop, that is after whatever libvirt heard. @returns what ends that */
export function onTurn(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** A loop that fails ends: without keepalive the deadlines of calls remain. */
async function run(): Promise<void> {
  loop.running = true;
  let result: unknown = 0;
  while (loop.users > 0 && result === 0) {
    result = await callAsync('virEventRunDefaultImpl');
    for (const listener of listeners) listener();
  }
  loop.running = false;
}
