import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import type { DomainState } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { DomainWatch } from '../../hypervisor/events.ts';
import type { VmContext } from '../context.ts';
import { within } from '../few-at-once.ts';
import { throwIfInterrupted } from '../interruption.ts';

/** What of a domain it takes to stop it. */
export type Stoppable = Pick<Domain, 'name' | 'uuid' | 'state' | 'shutdown' | 'forceOff'>;

/** States in which a guest can react to the power button. */
export const RESPONSIVE: ReadonlySet<DomainState> = new Set(['running', 'idle', 'in shutdown']);

/** A guest that was not listening yet, as one that is booting, hears the next one. */
const PRESS_AGAIN_MS = 10_000;
/** Other VMs wait for a call to one whose QEMU hangs. */
const PRESS_MS = 10_000;

/** How things stand before the guest is asked. */
export function untouched({ name }: Stoppable): string {
  return `VM '${name}' is as it was`;
}

/** How things stand once the guest was asked. */
export function pressed({ name }: Stoppable): string {
  return `VM '${name}' still runs, but its power button was pressed: it may go off`;
}

/** How long a guest may take, and which end of it counts. */
export interface ShutDownOptions {
  readonly withinMs: number;
  /**
   * `off`: the VM is off now. `stopped`: it went off, be it that somebody else has started it again since.
   */
  readonly until: 'off' | 'stopped';
}

/** A guest that still runs. */
export interface StillOn {
  readonly why: string;
  /** Of one that cannot be asked. */
  readonly cause?: HypervisorError;
}

/**
 * Presses the power button, again from time to time, and waits until the VM is off.
 * @returns undefined for one that does not run any more
 * @throws HypervisorError, Interrupted
 */
export async function shutDown(
  domain: Stoppable,
  context: VmContext,
  { withinMs, until }: ShutDownOptions,
): Promise<StillOn | undefined> {
  // Before the button is pressed, so that no answer comes too early to be heard.
  using events = await context.hypervisor.watchDomains('states');
  throwIfInterrupted(context, untouched(domain));
  const over = new AbortController();
  const ends = [goesOff(domain, events, until, over.signal), interruption(context, over.signal)];
  // Each is waited for again and again.
  for (const end of ends) end.catch(() => undefined);
  try {
    const end = await pressAndWait(domain, ends, withinMs);
    context.signal.throwIfAborted();
    if (end === 'off') return undefined;
    // Of a server that hangs, and not its guest, this is told sooner than of the plug.
    if ((await stateOf(domain)) === 'shut off') return undefined;
    if (end instanceof HypervisorError) return { why: 'cannot be asked to shut down', cause: end };
    const seconds = `${withinMs / 1000} ${withinMs === 1000 ? 'second' : 'seconds'}`;
    return { why: `did not shut down within ${seconds}` };
  } finally {
    over.abort();
  }
}

type End = 'off' | 'interrupted' | 'nobody waits';

/** @param ends what ends the wait before its time */
async function pressAndWait(
  domain: Stoppable,
  ends: readonly Promise<End>[],
  withinMs: number,
): Promise<End | 'late' | HypervisorError> {
  let deadline = performance.now() + withinMs;
  for (let isFirst = true; ; isFirst = false) {
    const left = deadline - performance.now();
    const answer = await Promise.race([askToStop(domain, Math.min(left, PRESS_MS)), ...ends]);
    if (answer === 'off' || answer === 'interrupted' || answer === 'nobody waits') return answer;
    if (answer instanceof HypervisorError && isFirst) return answer;
    // From here on: the first press may have waited for calls about other VMs.
    if (answer === 'asked' && isFirst) deadline = performance.now() + withinMs;
    const rest = deadline - performance.now();
    const pause = Math.max(0, Math.min(rest, PRESS_AGAIN_MS));
    const end = (await within(pause, Promise.race(ends))) ?? 'late';
    // By the clock: a timer may ring a little early.
    if (end !== 'late' || rest <= PRESS_AGAIN_MS) return end;
  }
}

function interruption({ signal }: VmContext, over: AbortSignal): Promise<'interrupted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('interrupted');
    signal.addEventListener('abort', () => resolve('interrupted'), { signal: over });
  });
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
 * The guest may have stopped by itself a moment ago, of which nothing will be told, or its QEMU may hang or
 * be busy.
 * @returns the error of one that cannot be asked, or need not: the plug is for that as well; `late` for one
 * that may be asked again
 */
async function askToStop(domain: Stoppable, withinMs: number): Promise<'asked' | 'late' | HypervisorError> {
  try {
    await domain.shutdown(withinMs);
    return 'asked';
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    return error.reason === 'busy' ? 'late' : error;
  }
}

/**
 * Asks for the state after each event of it, and for nothing meanwhile. Waits until it is off, or nobody
 * waits any more.
 * @throws HypervisorError also when the connection breaks
 */
async function goesOff(
  domain: Stoppable,
  events: DomainWatch,
  until: ShutDownOptions['until'],
  over: AbortSignal,
): Promise<End> {
  for await (const { uuid, kind } of events) {
    if (over.aborted) return 'nobody waits';
    if (uuid !== domain.uuid) continue;
    if (until === 'stopped' && kind === 'stopped') return 'off';
    if ((await stateOf(domain)) === 'shut off') return 'off';
  }
  return 'nobody waits';
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
