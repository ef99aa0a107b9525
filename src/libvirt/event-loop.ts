import { callAsync, callLocal, functionAddress } from './native.ts';

/**
 * libvirt's own event loop, on a thread of libuv's pool. plow registers no events: keepalive needs the loop, to send
 * its messages and to read the answers while no call waits for one. https://libvirt.org/html/libvirt-libvirt-event.html
 */

/** How often the loop looks whether anyone still needs it. */
const TICK_MS = 200;

let registered = false;
let running = false;
let users = 0;

/** Must be called before the connection that is to use the loop is opened. @returns what ends its use */
export function useEventLoop(): () => void {
  users += 1;
  if (!registered) {
    registered = true;
    callLocal('virEventRegisterDefaultImpl');
    // The callback gets an int and a pointer and must do nothing, outside JavaScript: abs(3) of libc does.
    callLocal('virEventAddTimeout', TICK_MS, functionAddress('abs'), null, null);
  }
  if (!running) void run();
  return () => void (users -= 1);
}

async function run(): Promise<void> {
  running = true;
  while (users > 0) await callAsync('virEventRunDefaultImpl');
  running = false;
}
