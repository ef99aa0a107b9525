import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { standing, throwIfInterrupted } from '../interruption.ts';
import { shutDownUnrouted } from './shut-down-unrouted.ts';
import type { Routed } from './shut-down-unrouted.ts';
import { forceOff, pressed, RESPONSIVE, stateOf, untouched } from './shut-down.ts';

/** How long a guest may take to shut down. */
const GRACE_MS = 5000;

/**
 * Brings a domain down: the power button first, the plug after `graceMs` or where no guest can react; with 0
 * the plug at once.
 * @throws PlowError (operation), Interrupted
 */
export async function stopDomain(domain: Routed, context: VmContext, graceMs = GRACE_MS): Promise<void> {
  const { name } = domain;
  const stopping = explaining(bringDown(domain, context, graceMs), 'operation', `cannot stop VM '${name}'`);
  await standing(stopping, pressed(domain));
}

async function bringDown(domain: Routed, context: VmContext, graceMs: number): Promise<void> {
  const state = await stateOf(domain);
  if (state === 'shut off') return;
  if (RESPONSIVE.has(state) && graceMs > 0) {
    const options = { withinMs: graceMs, until: 'off' } as const;
    const stillOn = await shutDownUnrouted(domain, context, options, 'caller');
    if (stillOn === undefined) return;
    try {
      throwIfInterrupted(context, pressed(domain));
      await forceOff(domain);
    } catch (error) {
      await stillOn.giveBack();
      throw error;
    }
    context.progress.note(`the guest ${stillOn.why}: forced off`);
    return;
  }
  throwIfInterrupted(context, untouched(domain));
  await forceOff(domain);
}
