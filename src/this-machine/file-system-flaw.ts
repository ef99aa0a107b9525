import { constants } from 'node:fs';
import { access, open, readdir } from 'node:fs/promises';
import type { FileSystemFlaw } from '../hypervisor/local.ts';

/** open(2): a file without a name, gone when it is closed. O_DIRECTORY is part of it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

const FLAWS: Readonly<Record<string, FileSystemFlaw>> = { EINVAL: 'no-direct-io', EROFS: 'read-only' };

/**
 * What keeps disks from a file system of this machine: it refuses O_DIRECT, which `cache='none'` needs, or
 * all writing. libvirt cannot tell. @returns undefined where it cannot be tried: no right to write there, or
 * no file without a name
 */
export async function findFlaw(directory: string): Promise<FileSystemFlaw | undefined> {
  try {
    const file = await open(directory, O_TMPFILE | constants.O_RDWR | constants.O_DIRECT, 0o600);
    await file.close();
    return 'none';
  } catch (error) {
    return FLAWS[codeOf(error)];
  }
}

/**
 * As findFlaw, and makes nothing: by a file that lies there, opened and not read.
 * @returns undefined also where none does
 */
export async function lookForFlaw(directory: string): Promise<FileSystemFlaw | undefined> {
  try {
    await access(directory, constants.W_OK);
  } catch (error) {
    return FLAWS[codeOf(error)];
  }
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const file = entries.find((entry) => entry.isFile());
  return file && refusesDirectIo(`${directory}/${file.name}`);
}

async function refusesDirectIo(path: string): Promise<FileSystemFlaw | undefined> {
  const looking = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    const file = await open(path, looking | constants.O_DIRECT);
    await file.close();
    return 'none';
  } catch (error) {
    return FLAWS[codeOf(error)];
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
