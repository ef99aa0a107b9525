import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** open(2): a file without a name, gone when it is closed. O_DIRECTORY is part of it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/**
 * Whether a file system of this machine refuses O_DIRECT, which `cache='none'` needs. libvirt cannot tell.
 * @returns undefined where it cannot be tried: no right to write there, or no file without a name
 */
export async function lacksDirectIo(directory: string): Promise<boolean | undefined> {
  try {
    const file = await open(directory, O_TMPFILE | constants.O_RDWR | constants.O_DIRECT, 0o600);
    await file.close();
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EINVAL' ? true : undefined;
  }
}
