import { OWN_MARK } from './own.ts';

/**
 * While it is there BIRD takes no address from a tap: plow's bird.conf includes it. So BIRD's reload, its
 * restart and that of the host give nothing back. A `birdc disable` alone is undone by the next reload.
 */
export const DRAINED_FILE = '/etc/plow/drained';

/**
 * In the protocol that takes addresses, beside the file that includes it. BIRD takes a missing file for an
 * error, and no pattern without a match.
 */
export const DRAINED_INCLUDE = '  include "draine[d]";';

/** What is in the file. */
export const DRAINED_TEXT = `${OWN_MARK}
# Made by plow network drain: no address of a VM is announced. plow network undrain removes it.
disabled yes;
`;
