import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, lstat, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';

/** For its owner only, and no link. */
const NEW = { flag: 'wx', mode: 0o600 } as const;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EEXIST: 'it is there already',
  EISDIR: 'it is a directory',
  ENOENT: 'there is no such directory',
  ENOSPC: 'the file system is full',
  ENOTDIR: 'a part of the path is no directory',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
};

/** What a file system without hard links has against one. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/**
 * Writes a file that only its owner may read: all of it, or nothing. What is there already may be a link, or
 * open to others: a new file takes its place. A device or a pipe stays what it is.
 * @param isForced also in place of one that is there @throws PlowError (config)
 */
export async function writePrivately(
  path: string,
  data: string | Uint8Array,
  isForced: boolean,
): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeFile(draft, data, NEW);
    await (isForced ? replace(draft, path) : putAnew(draft, path));
  } catch (cause) {
    if (cause instanceof PlowError) throw cause;
    const { code, words } = whyNot(cause);
    const hint = code === 'EEXIST' ? { hint: '--force overwrites it' } : {};
    throw new PlowError('config', `cannot write ${path}: ${words}`, { ...hint, cause });
  } finally {
    await rm(draft, { force: true });
  }
}

async function putAnew(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    if (!NO_LINKS.has(whyNot(error).code)) throw error;
    await copyFile(draft, path, constants.COPYFILE_EXCL);
  }
}

async function replace(draft: string, path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  const isOther = there !== undefined && !there.isFile() && !there.isSymbolicLink() && !there.isDirectory();
  if (isOther) throw new PlowError('config', `cannot write ${path}: it is a device, a pipe or the like`);
  await rename(draft, path);
}

/** Why a file or a folder cannot be made: the code of the system's error, and words for it. */
export function whyNot(error: unknown): { readonly code: string; readonly words: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return { code, words: REASONS[code] ?? code };
}
