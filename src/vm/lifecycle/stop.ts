import { setTimeout as sleep } from 'node:timers/promises';
import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import type { DomainState } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { DomainWatch } from '../../hypervisor/events.ts';
import { standing, throwIfInterrupted } from '../interruption.ts';

/** What of a domain it takes to stop it. */
export type Stoppable = Pick<Domain, 'name' | 'uuid' | 'state' | 'shutdown' | 'forceOff'>;

/** How long a guest may take to shut down. */
const GRACE_MS = 5000;

/** States in which a guest can react to the power button. */
const RESPONSIVE: ReadonlySet<DomainState> = new Set(['running', 'idle', 'in shutdown']);

/**
 * Brings a domain down: the power button first, the plug after `graceMs` or where no guest can react; with 0
 * the plug at once.
 * @throws PlowError (operation), Interrupted
 */
export async function stopDomain(domain: Stoppable, context: VmContext, graceMs = GRACE_MS): Promise<void> {
  const { name } = domain;
  const stopping = explaining(bringDown(domain, context, graceMs), 'operation', `cannot stop VM '${name}'`);
  await standing(stopping, pressed(domain));
}

/** How things stand before the guest is asked. */
function untouched({ name }: Stoppable): string {
  return `VM '${name}' is as it was`;
}

/** How things stand once the guest was asked. */
function pressed({ name }: Stoppable): string {
  return `VM '${name}' still runs, but its power button was pressed: it may go off`;
}

async function bringDown(domain: Stoppable, context: VmContext, graceMs: number): Promise<void> {
  const state = await stateOf(domain);
  if (state === 'shut off') return;
  if (RESPONSIVE.has(state) && graceMs > 0) {
    const why = await persuade(domain, context, graceMs);
    if (why === undefined) return;
    throwIfInterrupted(context, pressed(domain));
    await forceOff(domain);
    context.progress.note(`the guest ${why}: forced off`);
    return;
  }
  throwIfInterrupted(context, untouched(domain));
  await forceOff(domain);
}

/** @returns why the guest still runs; undefined for one that does not */
async function persuade(domain: Stoppable, context: VmContext, graceMs: number): Promise<string | undefined> {
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
async function stateOf(domain: Stoppable): Promise<DomainState> {
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
 * Asks for the state after each event of it, and for nothing meanwhile.
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
  const late = sleep(Math.max(0, deadline - performance.now()), 'late', { signal: over.signal });
  late.catch(() => undefined);
  try {
    signal.throwIfAborted();
    const end = await Promise.race([goesOff(domain, events, over.signal), late, interrupted]);
    signal.throwIfAborted();
    return end === 'off';
  } finally {
    over.abort();
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
