import { PARENT_IDENTIFIER, SELF_IDENTIFIER } from './directory-record.ts';
import { ucs2 } from './fields.ts';
import type { Parts } from './parts.ts';
import { appendTree } from './tree.ts';
import type { PlacedFile, Tree } from './tree.ts';

/**
 * Appends the tree of Joliet names for files sorted by name. The names go without a version, which ECMA-119
 * 7.5.1 asks for, because readers either take it off or show it as part of the name.
 */
export function appendJolietTree(parts: Parts, files: readonly PlacedFile[], createdAt: Date): Tree {
  const root = [SELF_IDENTIFIER, PARENT_IDENTIFIER].map((identifier) => ({
    identifier,
    extent: undefined,
    entries: [],
  }));
  const named = files.map(({ name, extent }) => ({ identifier: ucs2(name), extent, entries: [] }));
  return appendTree(parts, [...root, ...named], createdAt);
}
