/**
 * Calls of a batch that are under way at once. On the same machine more only get in each other's way (1,000
 * calls: 150 ms with 16, 190 ms with 64); over a slow link they wait together. Batches of all connections
 * share them.
 */
export const OVERLAP = { near: 16, far: 128 } as const;

/**
 * A server works on five calls of a client at a time: guests that do not answer must leave one to the others.
 */
export const MOST_GUESTS_ASKED = 4;

/**
 * Threads that are not free for calls of a batch: libvirt's event loop keeps one, guests that do not answer
 * these, and one is for files.
 */
export const OTHER_THREADS = 1 + MOST_GUESTS_ASKED + 1;
