import type { DomainState } from '../../hypervisor/domain-facts.ts';

/** virDomainState, in virsh's words. https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainState */
const STATES: readonly DomainState[] = [
  'no state',
  'running',
  'idle',
  'paused',
  'in shutdown',
  'shut off',
  'crashed',
  'pmsuspended',
];

export function stateFromNumber(state: number): DomainState {
  return STATES[state] ?? 'no state';
}
