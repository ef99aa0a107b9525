import { Interrupted } from '../errors/interrupted.ts';
import type { VmContext } from './context.ts';

/** Ends once a signal is aborted. @param over nobody waits any more then */
export async function untilAborted(signal: AbortSignal, over?: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const how = { once: true, ...(over === undefined ? {} : { signal: over }) };
    signal.addEventListener('abort', () => resolve(), how);
  });
}

/** Waits for work, and says of an interruption how things stand then. */
export async function standing<T>(work: Promise<T>, outcome: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Interrupted ? error.with(outcome) : error;
  }
}

/** @throws Interrupted, with how things stand now, where plow was asked to stop */
export function throwIfInterrupted({ signal }: Pick<VmContext, 'signal'>, outcome: string): void {
  if (!signal.aborted) return;
  throw signal.reason instanceof Interrupted ? signal.reason.with(outcome) : signal.reason;
}
