import { setTimeout as sleep } from 'node:timers/promises';
import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import type { DomainState } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { DomainWatch } from '../../hypervisor/events.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';

/** What of a domain it takes to stop it. */
export type Stoppable = Pick<Domain, 'name' | 'uuid' | 'state' | 'shutdown' | 'forceOff'>;

/** States in which a guest can react to the power button. */
export const RESPONSIVE: ReadonlySet<DomainState> = new Set(['running', 'idle', 'in shutdown']);

/** A guest that was not listening yet, as one that is booting, hears the next one. */
const PRESS_AGAIN_MS = 10_000;

/** How things stand before the guest is asked. */
export function untouched({ name }: Stoppable): string {
  return `VM '${name}' is as it was`;
}

/**
 * Presses the power button and waits until the VM is off.
 * @returns why the guest still runs; undefined for one that does not
 * @throws HypervisorError, Interrupted
 */
export async function shutDown(
  domain: Stoppable,
  context: VmContext,
  graceMs: number,
): Promise<string | undefined> {
  // Before the button is pressed, so that no answer comes too early to be heard.
  using events = await context.hypervisor.watchDomains('states');
  throwIfInterrupted(context, untouched(domain));
  const asked = await askToStop(domain, graceMs);
  // From here on: the button may have waited for calls about other VMs.
  const deadline = performance.now() + graceMs;
  if (asked === 'asked' && (await waitUntilOff(domain, events, deadline, context))) return undefined;
  // Of a server that hangs, and not its guest, this is told sooner than of the plug.
  if ((await stateOf(domain)) === 'shut off') return undefined;
  if (asked === 'refused') return 'cannot be asked to shut down';
  return `did not shut down within ${graceMs / 1000} ${graceMs === 1000 ? 'second' : 'seconds'}`;
}

/** A transient domain is gone once it stops. */
export async function stateOf(domain: Stoppable): Promise<DomainState> {
  try {
    return await domain.state();
  } catch (error) {
    if (isReason(error, 'not-found')) return 'shut off';
    throw error;
  }
}

/**
 * The guest may have stopped by itself a moment ago, of which nothing will be told, or its QEMU may hang.
 * @returns `refused` for one that cannot be asked, or need not: the plug is for that as well; `late` for one
 * whose QEMU has had all its time
 */
async function askToStop(domain: Stoppable, graceMs: number): Promise<'asked' | 'late' | 'refused'> {
  try {
    await domain.shutdown(graceMs);
    return 'asked';
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    return error.reason === 'busy' ? 'late' : 'refused';
  }
}

/**
 * Asks for the state after each event of it, and for nothing meanwhile; presses the button again from time to
 * time.
 * @returns false where the time is over first
 */
async function waitUntilOff(
  domain: Stoppable,
  events: DomainWatch,
  deadline: number,
  { signal }: VmContext,
): Promise<boolean> {
  const over = new AbortController();
  const interrupted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { signal: over.signal });
  });
  const off = goesOff(domain, events, over.signal);
  try {
    for (;;) {
      signal.throwIfAborted();
      const left = Math.max(0, deadline - performance.now());
      const pause = sleep(Math.min(left, PRESS_AGAIN_MS), 'late', { signal: over.signal });
      pause.catch(() => undefined);
      const end = await Promise.race([off, pause, interrupted]);
      signal.throwIfAborted();
      if (end === 'off') return true;
      if (left <= PRESS_AGAIN_MS) return false;
      await askToStop(domain, deadline - performance.now());
    }
  } finally {
    over.abort();
    off.catch(() => undefined);
  }
}

/**
 * Waits until it is off, or nobody waits any more.
 * @throws HypervisorError also when the connection breaks
 */
async function goesOff(
  domain: Stoppable,
  events: DomainWatch,
  over: AbortSignal,
): Promise<'off' | undefined> {
  for await (const { uuid } of events) {
    if (over.aborted) return undefined;
    if (uuid === domain.uuid && (await stateOf(domain)) === 'shut off') return 'off';
  }
  return undefined;
}

/** Forces a domain off; one that is off already, or gone, is as good. @throws HypervisorError */
export async function forceOff(domain: Stoppable): Promise<void> {
  try {
    await domain.forceOff();
  } catch (error) {
    if (isReason(error, 'not-found')) return;
    if (isReason(error, 'not-running') && (await stateOf(domain)) !== 'running') return;
    throw error;
  }
}
