import { posix } from 'node:path';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { DiskUsage } from '../../hypervisor/storage.ts';
import { closing, isPassedByOthers } from '../storage/vm-access.ts';
import type { Examination, Finding } from './finding.ts';
import { warning } from './finding.ts';

/** So many are named. */
const MOST_NAMED = 5;

/**
 * Directories of VMs through which others pass, as older versions of plow made them. Nothing is said where
 * there is none. Two batches of calls, however many there are.
 */
export async function checkVmDirectories(examination: Examination): Promise<readonly Finding[]> {
  const { context, directories, host, diskUsages } = examination;
  const { hypervisor, storagePath } = context;
  const { qemuUser } = readCapabilities(await host.capabilities());
  if (qemuUser === undefined || typeof (await directories.facts(storagePath)) === 'string') return [];
  // That disks cannot be told is a finding of the check for space.
  const disks = await diskUsages().catch((): readonly DiskUsage[] => []);
  const paths = vmDirectories(disks, storagePath);
  if (paths.length === 0) return [];
  const documents = await directories.visit(storagePath, () => hypervisor.volumeDocuments(paths));
  if (typeof documents === 'string') return [];
  const open = [...documents].flatMap(([path, document]) => {
    const { permissions } = readVolume(document);
    return permissions !== undefined && isPassedByOthers(permissions) ? [path] : [];
  });
  if (open.length === 0) return [];
  const names = open.slice(0, MOST_NAMED).map((path) => posix.basename(path));
  const more = open.length > MOST_NAMED ? ` and ${open.length - MOST_NAMED} more` : '';
  const text = `other users may pass through the directories of ${names.join(', ')}${more}, and may have opened disks while they were made (a disk that is open stays so until that user's program ends)`;
  return [warning('vm-directories-open', { text, repair: closing(open, qemuUser) })];
}

/** Each once, in order: those below the storage path that are called as their VM is. */
function vmDirectories(disks: readonly DiskUsage[], storagePath: string): readonly string[] {
  const own = disks.flatMap(({ domain, path }) => {
    const directory = posix.join(storagePath, domain);
    return posix.dirname(path) === directory ? [directory] : [];
  });
  return [...new Set(own)].toSorted();
}
