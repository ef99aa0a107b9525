/** Bytes. */
export const GIB = 2 ** 30;
export const MIB = 2 ** 20;
export const MIB_PER_GIB = 1024;
