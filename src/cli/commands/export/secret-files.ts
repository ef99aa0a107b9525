import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { PlowError } from '../../../errors/plow-error.ts';

/** For its owner only: it may hold password hashes. */
const FILE_MODE = 0o600;
const OVERWRITE = '--force overwrites files';
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EEXIST: 'it is there, and no directory',
  EISDIR: 'it is a directory',
  ENOENT: 'there is no place for it',
  ENOSPC: 'the file system is full',
  ENOTDIR: 'a part of the path is no directory',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
};

/** @returns whether it was not there yet @throws PlowError (config) */
export async function makeFolder(path: string): Promise<boolean> {
  return orExplained(makeDirectories(resolve(path)), `cannot make ${path}`);
}

/** The `recursive` of node 20 never ends below /proc, where directories that exist take no others. */
async function makeDirectories(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return false;
  if (dirname(path) !== path) await makeDirectories(dirname(path));
  await mkdir(path);
  return true;
}

/**
 * Writes a file that only its owner may read. @param force also in place of one that is there
 * @throws PlowError (config)
 */
export async function writeSecretFile(
  path: string,
  text: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const cannot = `cannot write ${path}`;
  if (!force) return orExplained(writeFile(path, text, { flag: 'wx', mode: FILE_MODE }), cannot, OVERWRITE);
  // What is there already may be a link, or open to others: a new file takes its place.
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  await orExplained(writeFile(draft, text, { flag: 'wx', mode: FILE_MODE }), cannot);
  try {
    await orExplained(rename(draft, path), cannot);
  } catch (error) {
    await rm(draft);
    throw error;
  }
}

/** @param hint where there is something of that name already */
async function orExplained<T>(work: Promise<T>, message: string, hint?: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const isThere = code === 'EEXIST' && hint !== undefined;
    throw new PlowError(
      'config',
      `${message}: ${isThere ? 'it is there already' : (REASONS[code] ?? code)}`,
      {
        ...(isThere ? { hint } : {}),
        cause,
      },
    );
  }
}
