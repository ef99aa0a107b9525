/** Keys of which files are made, and which no finished file has. */

/** The file on top of which a file is. */
export const EXTENDS = 'extends';
