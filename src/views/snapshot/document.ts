import type { SnapshotDocument } from '../../documents/snapshots/snapshot-schema.ts';
import type { ListedSnapshot } from '../../vm/snapshot/list.ts';

/** The document of `plow snapshot -o json`. */
export function snapshotDocument(
  action: SnapshotDocument['action'],
  vm: { readonly name: string; readonly uuid: string },
  snapshots: readonly ListedSnapshot[],
  notes: readonly string[],
): SnapshotDocument {
  return { action, vm: vm.name, uuid: vm.uuid, snapshots: snapshots.map(entryOf), notes: [...notes] };
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
