/** Bytes in a GiB; `size_gb` and `memory_gib` both count these. */
export const GIB = 2 ** 30;
