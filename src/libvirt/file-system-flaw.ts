import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileSystemFlaw } from '../vm/hypervisor.ts';

/** open(2): a file without a name, gone when it is closed. O_DIRECTORY is part of it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

const FLAWS: Readonly<Record<string, FileSystemFlaw>> = { EINVAL: 'no-direct-io', EROFS: 'read-only' };

/**
 * What keeps disks from a file system of this machine: it refuses O_DIRECT, which `cache='none'` needs, or all writing.
 * libvirt cannot tell. @returns undefined where it cannot be tried: no right to write there, or no file without a name
 */
export async function findFlaw(directory: string): Promise<FileSystemFlaw | undefined> {
  try {
    const file = await open(directory, O_TMPFILE | constants.O_RDWR | constants.O_DIRECT, 0o600);
    await file.close();
    return 'none';
  } catch (error) {
    return error instanceof Error && 'code' in error ? FLAWS[String(error.code)] : undefined;
  }
}
