import type { SnapshotDocument } from '../../documents/snapshots/snapshot-schema.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { failureEntry } from '../failure/document.ts';
import type { ListedSnapshot } from '../../vm/snapshot/list.ts';

/** The document of `plow snapshot -o json`. */
export function snapshotDocument(
  action: SnapshotDocument['action'],
  vm: { readonly name: string; readonly uuid: string | null },
  found: readonly ListedSnapshot[] | PlowError,
): SnapshotDocument {
  const { name, uuid } = vm;
  const known = { action, vm: name, uuid };
  return found instanceof PlowError
    ? { ...known, snapshots: [], error: failureEntry(found) }
    : { ...known, snapshots: found.map(entryOf), error: null };
}

function entryOf(snapshot: ListedSnapshot): SnapshotDocument['snapshots'][number] {
  const { name, description = null, createdAt, parent = null, isCurrent, obstacle, disks } = snapshot;
  return {
    name,
    description,
    created: createdAt.toISOString(),
    parent,
    current: isCurrent,
    revertible: obstacle === undefined,
    obstacle: obstacle ?? null,
    disks: disks.map(({ target, files }) => ({ target, files: [...files] })),
  };
}
