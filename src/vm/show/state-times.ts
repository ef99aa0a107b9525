import type { DomainStatus } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { qemuStart } from '../qemu-start.ts';
import { qemuStop } from './qemu-stop.ts';

/** libvirt keeps neither. Times are ISO 8601, to the second. */
export interface StateTimes {
  /** When its QEMU was started; undefined where that is not known, and for a VM that is off. */
  readonly started: string | undefined;
  /** Since when it is in its state; undefined where nobody knows. */
  readonly since: string | undefined;
}

/** Reasons of a state that a VM has been in ever since its QEMU was started. */
const SINCE_START: readonly (string | undefined)[] = ['booted', 'restored'];

/** Another machine tells neither. */
export async function stateTimes(
  domain: Pick<Domain, 'name' | 'uuid'>,
  { active, state, reason }: Pick<DomainStatus, 'active' | 'state' | 'reason'>,
  { local, places }: Pick<Hypervisor, 'local' | 'places'>,
): Promise<StateTimes> {
  if (local === undefined) return { started: undefined, since: undefined };
  if (!active) {
    const isOff = state === 'shut off';
    return { started: undefined, since: isOff ? await qemuStop(local, places, domain, reason) : undefined };
  }
  const started = await qemuStart(local, places, domain);
  return { started, since: SINCE_START.includes(reason) ? started : undefined };
}
