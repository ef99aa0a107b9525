/** Keys of which files are made, and which no finished file has. */

/** The file on top of which a file is. */
export const EXTENDS = 'extends';
/** How many VMs a file is. */
export const COUNT = 'count';
/** What is different between the VMs of a file. */
export const EACH = 'each';

export const TEMPLATE_KEYS: readonly string[] = [EXTENDS, COUNT, EACH];

/** VMs of one file. */
export const MOST_ROWS = 1000;
