import { vi } from 'vitest';

/**
 * Sleeps by the timers that vi.useFakeTimers replaces, which leaves node:timers/promises alone:
 * `vi.mock('node:timers/promises', () => import('./time.ts'))`.
 */
export async function setTimeout<T>(
  milliseconds: number,
  value?: T,
  { signal }: { signal?: AbortSignal } = {},
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = globalThis.setTimeout(resolve, milliseconds, value);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('aborted', { cause: signal.reason }));
    });
  });
}

/** Has fake time pass, from timer to timer, until `work` is done. */
export async function whileTimePasses<T>(work: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const end = (): void => void (state.isDone = true);
  work.then(end, end);
  while (!state.isDone) await vi.advanceTimersToNextTimerAsync();
  return work;
}
