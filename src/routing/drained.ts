import { OWN_MARK } from './own.ts';

/**
 * While it is there BIRD takes no address from a tap: plow's bird.conf includes it. So BIRD's reload, its
 * restart and that of the host give nothing back. A `birdc disable` alone is undone by the next reload.
 */
export const DRAINED_FILE = '/etc/plow/drained.conf';

/** In the protocol of plow's bird.conf that takes addresses: a pattern that matches no file is no error. */
export const DRAINED_INCLUDE = '  include "/etc/plow/drained*.conf";';

/** What is in the file. */
export const DRAINED_TEXT = `${OWN_MARK}
# Made by plow network drain: no address of a VM is announced. plow network undrain removes it.
disabled yes;
`;
