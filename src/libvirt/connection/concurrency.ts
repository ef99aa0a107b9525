import type { FunctionName } from '../abi/functions.ts';

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

/**
 * Calls that overlap with others on a line to elsewhere: what only looks, and what may be asked again where
 * it failed and nobody can tell why: it has changed nothing then, or what it says anew.
 */
const ASKED_AGAIN =
  /^vir(?:(?:Connect|Node|Domain|Interface|StoragePool|StorageVol)(?:Get|Is|ListAll|LookupBy)\w*|StoragePool(?:CreateXML|Refresh|Destroy)|StorageVolCreateXML|DomainSetMetadata)$/u;

export function mayOverlap(name: FunctionName): boolean {
  return ASKED_AGAIN.test(name);
}
