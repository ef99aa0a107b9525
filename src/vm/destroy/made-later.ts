import { isBootDiskFile, isMarkedFile, isProvisioningFile, isSnapshotFile } from '../../config/vm-paths.ts';
import { rebuildOf } from '../../libvirt-xml/metadata/rebuild.ts';
import type { DestroyTarget } from './target.ts';

/**
 * Paths of what plow calls layers and copies of snapshots, and of what a rebuild made or keeps, where the
 * directory is one that plow made.
 */
export function layersAmong(
  { metadata, stored }: Pick<DestroyTarget, 'metadata' | 'stored'>,
  directory: string,
  files: readonly string[],
): readonly string[] {
  if (metadata?.directory !== directory) return [];
  const kept = new Set(rebuildOf(stored)?.old.paths);
  const hasOtherBoot = metadata.declared.bootDisk.file !== undefined;
  const hasOtherSeed = metadata.declared.provisioning?.file !== undefined;
  return files
    .filter(
      (file) =>
        isSnapshotFile(file) ||
        isMarkedFile(file) ||
        kept.has(`${directory}/${file}`) ||
        (hasOtherBoot && isBootDiskFile(file)) ||
        (hasOtherSeed && isProvisioningFile(file)),
    )
    .map((file) => `${directory}/${file}`);
}

/** Why such a file goes with its VM. */
export function whyLayer(file: string): string {
  return isSnapshotFile(file) ? 'plow made it for a snapshot' : 'plow made it, and the VM had it';
}
