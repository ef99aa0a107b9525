/**
 * libvirt's words for the state of a domain, and plow's own: for a create that is under
 * way or died, and for a VM that was destroyed and can be brought back.
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
] as const;
