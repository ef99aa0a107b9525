import { PlowError } from '../../errors/plow-error.ts';
import type { DomainStatus } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';

/** Ends of a domain that are its guest's own, or that libvirt says nothing of. */
const BY_GUEST: ReadonlySet<string> = new Set(['shutdown', 'crashed', 'unknown']);

/**
 * @param label of the image @param detail what its guest did not prove
 * @throws PlowError (operation) where that was not the guest's own doing; HypervisorError
 */
export async function assertUndisturbed(domain: Domain, label: string, detail: string): Promise<void> {
  const why = disturbance(await domain.status());
  if (why === undefined) return;
  throw new PlowError('operation', `whether ${label} passes the gate cannot be told: ${why}`, {
    detail,
    hint: 'nothing is recorded: gate it again',
  });
}

/**
 * Why what a guest did not prove is no word on its image: somebody else, or the host, has stopped it.
 * @returns undefined where nothing of the kind is seen
 */
function disturbance({
  state,
  reason = 'unknown',
}: Pick<DomainStatus, 'state' | 'reason'>): string | undefined {
  if (state === 'pmsuspended') return 'its VM was sent to sleep';
  if (state === 'paused' && reason === 'I/O error') return 'the host could not read or write its disk';
  if (state === 'paused' && reason !== 'crashed') return `its VM was paused (${reason})`;
  return state === 'shut off' && !BY_GUEST.has(reason) ? `its VM was stopped (${reason})` : undefined;
}
