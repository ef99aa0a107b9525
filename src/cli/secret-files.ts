import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { PlowError } from '../errors/plow-error.ts';

/** For its owner only: it may hold password hashes. */
const FILE_MODE = 0o600;

/** @throws PlowError (config) */
export async function makeFolder(path: string): Promise<void> {
  await told(mkdir(path, { recursive: true }), `cannot make ${path}`);
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
  // What is there already may be a link, or open to others: a new file takes its place.
  const place = force ? `${path}.new` : path;
  if (force) await told(rm(place, { force: true }), `cannot write ${path}`);
  await told(writeFile(place, text, { flag: 'wx', mode: FILE_MODE }), `cannot write ${path}`);
  if (force) await told(rename(place, path), `cannot write ${path}`);
}

async function told(work: Promise<unknown>, message: string): Promise<void> {
  try {
    await work;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const there = code === 'EEXIST';
    throw new PlowError('config', `${message}: ${there ? 'it is there already' : code}`, {
      ...(there ? { hint: '--force overwrites files' } : {}),
      cause,
    });
  }
}
