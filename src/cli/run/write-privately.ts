import { randomUUID } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';

/** For its owner only. */
const FILE_MODE = 0o600;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EEXIST: 'it is there already',
  EISDIR: 'it is a directory',
  ENOENT: 'there is no place for it',
  ENOSPC: 'the file system is full',
  ENOTDIR: 'a part of the path is no directory',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
};

/**
 * Writes a file that only its owner may read: all of it, or nothing.
 * @param isForced also in place of one that is there @throws PlowError (config)
 */
export async function writePrivately(path: string, bytes: Uint8Array, isForced: boolean): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeFile(draft, bytes, { flag: 'wx', mode: FILE_MODE });
    await (isForced ? rename(draft, path) : link(draft, path));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const hint = code === 'EEXIST' ? { hint: '--force overwrites it' } : {};
    throw new PlowError('config', `cannot write ${path}: ${REASONS[code] ?? code}`, { ...hint, cause });
  } finally {
    await rm(draft, { force: true });
  }
}
