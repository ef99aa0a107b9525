import { shellQuote } from '../../text/shell-quote.ts';
import type { HostProblem } from '../host-problem.ts';
import type { FileSystemFlaw, LocalView } from '../../hypervisor/local.ts';
import type { Missing } from './directories.ts';

/** Of a storage path that is not there, or something else. */
export function noStoragePath(path: string, missing: Missing): HostProblem {
  if (missing === 'not-a-directory') {
    return {
      text: `the storage path ${path} is not a directory`,
      repair: 'give another with --storage-path',
    };
  }
  return {
    text: `the storage path ${path} does not exist on the hypervisor`,
    repair: `install -d -m 0711 ${shellQuote(path)}`,
  };
}

/** Of a directory on a file system that nobody may write to. */
function readOnly(path: string): HostProblem {
  return {
    text: `the file system of ${path} is read-only`,
    repair: `mount -o remount,rw ${shellQuote(path)}, or give another with --storage-path`,
  };
}

/** Of a directory on a file system that plow's disks cannot be on. */
function noDirectIo(directory: string): HostProblem {
  return {
    text: `the file system of ${directory} does no direct I/O (O_DIRECT), which the disks of a VM need`,
    repair: 'use another (ext4, XFS, Btrfs, NFS; not tmpfs or ramfs), or cache: writeback',
  };
}

/** What is wrong with the file system of a directory, in words. */
export function flawProblem(flaw: FileSystemFlaw | undefined, directory: string): HostProblem | undefined {
  if (flaw === 'read-only') return readOnly(directory);
  return flaw === 'no-direct-io' ? noDirectIo(directory) : undefined;
}

/** Whether the file system of a directory has one of these flaws, where that can be known. */
export async function findFlawProblem(
  directory: string,
  flaws: readonly FileSystemFlaw[],
  hypervisor: Pick<LocalView, 'findFlaw'>,
): Promise<HostProblem | undefined> {
  const flaw = await hypervisor.findFlaw(directory);
  return flaw !== undefined && flaws.includes(flaw) ? flawProblem(flaw, directory) : undefined;
}
