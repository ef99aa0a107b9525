/**
 * While it is there BIRD takes no address from a tap: plow's bird.conf includes it. So a reload of BIRD, its
 * restart and that of the host give nothing back. A `birdc disable` alone is undone by the next reload.
 */
export const DRAINED_FILE = '/etc/plow/drained.conf';

/** Of plow's bird.conf: takes addresses from taps. */
export const TAPS_PROTOCOL = 'plow_taps';
