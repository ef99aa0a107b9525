import { setTimeout as sleep } from 'node:timers/promises';
import { HypervisorError, isReason } from '../errors/hypervisor-error.ts';
import type { VmContext } from './context.ts';
import { explaining } from './failure.ts';
import type { Domain, DomainState } from './hypervisor.ts';
import { standing } from './interruption.ts';

const GRACE_MS = 5000;
const POLL_MS = 200;

/** States in which a guest can react to the power button. */
const RESPONSIVE: ReadonlySet<DomainState> = new Set(['running', 'idle', 'in shutdown']);

/**
 * Brings a domain down: the power button first, the plug after 5 seconds or where no guest can react.
 * @throws PlowError (operation), Interrupted
 */
export async function stopDomain(domain: Domain, context: VmContext): Promise<void> {
  const { name } = domain;
  // An interruption is heard only while a guest that was asked takes its time.
  const outcome = `VM '${name}' still runs, but its power button was pressed: it may go off`;
  await standing(explaining(bringDown(domain, context), 'operation', `cannot stop VM '${name}'`), outcome);
}

async function bringDown(domain: Domain, context: VmContext): Promise<void> {
  const state = await stateOf(domain);
  if (state === 'shut off') return;
  if (RESPONSIVE.has(state)) {
    const deadline = performance.now() + GRACE_MS;
    const asked = await askToStop(domain);
    if (asked && (await waitUntilOff(domain, deadline, context))) return;
    // Of a server that hangs, and not its guest, this is told sooner than of the plug.
    if ((await stateOf(domain)) === 'shut off') return;
    const why = asked
      ? `did not shut down within ${GRACE_MS / 1000} seconds`
      : 'cannot be asked to shut down';
    await pullThePlug(domain);
    context.progress.note(`the guest ${why}: forced off`);
    return;
  }
  await pullThePlug(domain);
}

/** A transient domain is gone once it stops. */
async function stateOf(domain: Domain): Promise<DomainState> {
  try {
    return await domain.state();
  } catch (error) {
    if (isReason(error, 'not-found')) return 'shut off';
    throw error;
  }
}

/**
 * The guest may have stopped by itself a moment ago, or its QEMU may hang. @returns false for one that cannot be asked:
 * the plug is for that as well
 */
async function askToStop(domain: Domain): Promise<boolean> {
  try {
    await domain.shutdown(GRACE_MS);
    return true;
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    return (['not-running', 'not-found', 'busy'] as const).some((reason) => error.reason === reason);
  }
}

/** Polls: no thread and no event loop, and a state costs 0.2 ms. */
async function waitUntilOff(domain: Domain, deadline: number, { signal }: VmContext): Promise<boolean> {
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    if ((await stateOf(domain)) === 'shut off') return true;
    await sleep(POLL_MS);
  }
  return false;
}

/** Forces a domain off; one that is off already, or gone, is as good. */
export async function pullThePlug(domain: Domain): Promise<void> {
  try {
    await domain.forceOff();
  } catch (error) {
    if (isReason(error, 'not-found')) return;
    if (isReason(error, 'not-running') && (await stateOf(domain)) !== 'running') return;
    throw error;
  }
}
