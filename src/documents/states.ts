/**
 * libvirt's words for the state of a domain, and plow's own: for a create that is under
 * way or died, for a VM that was destroyed and can be brought back, and for one on its way to another
 * hypervisor.
 */
export const VM_STATES = [
  'no state',
  'running',
  'idle',
  'paused',
  'in shutdown',
  'shut off',
  'crashed',
  'pmsuspended',
  'incomplete',
  'destroyed',
  'moving',
  'moved',
  'incoming',
] as const;
