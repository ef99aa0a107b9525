import { setTimeout as sleep } from 'node:timers/promises';
import { callAsync, callLocal, functionAddress } from '../abi/native.ts';

/**
 * libvirt's own event loop, on a thread of libuv's pool. Keepalive needs it, to send its messages and to read
 * the answers while no call waits for one, and so do events. It sleeps until there is something to do.
 * https://libvirt.org/html/libvirt-libvirt-event.html
 */

interface Loop {
  registered: boolean;
  running: boolean;
  users: number;
  /** A turn is under way, and not the pause after it. */
  turning: boolean;
  /** The timer that ends a turn. */
  alarm: number | undefined;
  /** Ends the pause between two turns. */
  hurry: AbortController | undefined;
}

/** Each call of a batch ends a turn, and a thousand turns take as long as the calls. */
const PAUSE_MS = 10;

const loop: Loop = {
  registered: false,
  running: false,
  users: 0,
  turning: false,
  alarm: undefined,
  hurry: undefined,
};
const listeners = new Set<() => void>();

/** Must be called before the connection that is to use the loop is opened. @returns what ends its use */
export function useEventLoop(): () => void {
  loop.users += 1;
  if (!loop.registered) {
    loop.registered = true;
    callLocal('virEventRegisterDefaultImpl');
  }
  if (!loop.running) void run();
  return () => {
    loop.users -= 1;
    // It has to see that nobody needs it any more.
    if (loop.users === 0 && loop.running) endTurn();
  };
}

/**
 * Has `listener` called after each turn of the loop, that is after whatever libvirt heard.
 * @returns what ends that
 */
export function onTurn(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Waits until no callback is under way that was when this began. */
export async function turnOver(): Promise<void> {
  if (!loop.turning) return;
  await new Promise<void>((resolve) => {
    const leave = onTurn(() => {
      leave();
      resolve();
    });
    endTurn();
  });
}

/** A loop that fails ends: without keepalive the deadlines of calls remain. */
async function run(): Promise<void> {
  loop.running = true;
  let result: unknown = 0;
  while (loop.users > 0 && result === 0) {
    loop.turning = true;
    result = await callAsync('virEventRunDefaultImpl');
    loop.turning = false;
    if (loop.alarm !== undefined) callLocal('virEventRemoveTimeout', loop.alarm);
    loop.alarm = undefined;
    for (const listener of listeners) listener();
    await pause();
  }
  loop.running = false;
}

/** Before the next turn, unless somebody waits for that. */
async function pause(): Promise<void> {
  const hurry = new AbortController();
  loop.hurry = hurry;
  await sleep(PAUSE_MS, undefined, { signal: hurry.signal }).catch(() => undefined);
  loop.hurry = undefined;
}

/**
 * The timer's callback gets an int and a pointer and must do nothing, outside JavaScript: abs(3) of libc
 * does. In a pause there is none: GLib frees only in turns that have nothing better to do, and where each
 * turn began with a timer that is due, what is to be freed would pile up.
 */
function endTurn(): void {
  loop.hurry?.abort();
  if (loop.turning)
    loop.alarm ??= callLocal('virEventAddTimeout', 0, functionAddress('abs'), null, null) as number;
}
