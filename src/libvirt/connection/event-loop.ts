import { setTimeout as sleep } from 'node:timers/promises';
import koffi from 'koffi';
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
  /** The turns under way end by themselves. */
  freeing: boolean;
  /** The timer that ends a turn. */
  alarm: number | undefined;
  /** How many turns there were since what is removed was freed. */
  turns: number;
  /** Ends the pause between two turns. */
  hurry: AbortController | undefined;
}

/** Each call of a batch ends a turn, and a thousand turns take as long as the calls. */
const PAUSE_MS = 10;

/** What is removed takes some hundred bytes each until it is freed. */
const TURNS_UNTIL_FREED = 20;

/** A line that never falls silent is not waited for. */
const MOST_TURNS_TO_FREE = 100;

const loop: Loop = {
  registered: false,
  running: false,
  users: 0,
  turning: false,
  freeing: false,
  alarm: undefined,
  turns: 0,
  hurry: undefined,
};
/** time(2) writes it there, as the function that libvirt calls when it frees a timer. */
let freed: bigint | undefined;
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
    result = await turn();
    if (loop.turns >= TURNS_UNTIL_FREED || loop.users === 0) await free();
    await pause();
  }
  loop.running = false;
}

/** @returns 0, or less where the loop is broken */
async function turn(): Promise<unknown> {
  loop.turning = true;
  const result = await callAsync('virEventRunDefaultImpl');
  loop.turning = false;
  loop.turns += 1;
  if (loop.alarm !== undefined) callLocal('virEventRemoveTimeout', loop.alarm);
  loop.alarm = undefined;
  for (const listener of listeners) listener();
  return result;
}

/**
 * GLib frees removed timers and handles only in a turn that has nothing better to do, and on a busy machine
 * each may have. So a timer is removed here whose freeing can be seen: all that was removed before goes with
 * it. Until then no turn waits, as there is something to free.
 */
async function free(): Promise<void> {
  freed ??= koffi.alloc('int64', 1) as bigint;
  koffi.encode(freed, 'int64', 0);
  const marker = callLocal('virEventAddTimeout', -1, functionAddress('abs'), freed, functionAddress('time'));
  callLocal('virEventRemoveTimeout', marker as number);
  loop.freeing = true;
  for (let turns = 0; turns < MOST_TURNS_TO_FREE && Number(koffi.decode(freed, 'int64')) === 0; turns += 1)
    await turn();
  loop.freeing = false;
  loop.turns = 0;
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
 * does. In a pause there is none, as what is removed is freed in turns that do not begin with one.
 */
function endTurn(): void {
  loop.hurry?.abort();
  if (loop.turning && !loop.freeing)
    loop.alarm ??= callLocal('virEventAddTimeout', 0, functionAddress('abs'), null, null) as number;
}
