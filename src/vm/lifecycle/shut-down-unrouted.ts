import type { Domain } from '../../hypervisor/domain.ts';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { VmContext } from '../context.ts';
import { withdraw } from '../routing/withdraw.ts';
import type { GiveBack } from '../routing/withdraw.ts';
import { shutDown } from './shut-down.ts';
import type { ShutDownOptions, StillOn, Stoppable } from './shut-down.ts';

/** What of a domain it takes to stop it, and to know its taps. */
export type Routed = Stoppable & Pick<Domain, 'xml'>;

/**
 * As shutDown; what is routed to the VM is withdrawn first, and given back to one that does not go off,
 * unless the caller takes that upon itself: whoever pulls the plug next gives nothing back.
 * @throws HypervisorError, Interrupted
 */
export async function shutDownUnrouted(
  domain: Routed,
  context: VmContext,
  options: ShutDownOptions,
  whoGivesBack: 'this' | 'caller' = 'this',
): Promise<(StillOn & { readonly giveBack: GiveBack }) | undefined> {
  const giveBack = await withdrawn(domain, context);
  try {
    const stillOn = await shutDown(domain, context, options);
    if (stillOn === undefined) return undefined;
    if (whoGivesBack === 'this') await giveBack();
    return { ...stillOn, giveBack };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** One that has gone off by itself meanwhile has nothing to withdraw. */
async function withdrawn(domain: Routed, context: VmContext): Promise<GiveBack> {
  try {
    return await withdraw(domain, context);
  } catch (error) {
    if (isReason(error, 'not-running') || isReason(error, 'not-found')) return async () => {};
    throw error;
  }
}
