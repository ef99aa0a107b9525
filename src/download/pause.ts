import { setTimeout as sleep } from 'node:timers/promises';
import type { DownloadOptions } from './options.ts';
import { patienceOf } from './options.ts';

const LONGEST_MS = 60_000;

/** Waits before another attempt. @param fruitless how many failed in a row @throws the reason of an abort */
export async function pause(fruitless: number, options: DownloadOptions): Promise<void> {
  const ms = Math.min(LONGEST_MS, patienceOf(options).firstPauseMs * 2 ** Math.max(0, fruitless - 1));
  try {
    await sleep(ms, undefined, { signal: options.signal });
  } catch (error) {
    options.signal.throwIfAborted();
    throw error;
  }
}
