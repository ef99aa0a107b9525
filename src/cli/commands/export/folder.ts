import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { whyNot } from '../../run/private-files.ts';
import { PlowError } from '../../../errors/plow-error.ts';

/** @returns whether it was not there yet @throws PlowError (config) */
export async function makeFolder(path: string): Promise<boolean> {
  try {
    return await makeDirectories(resolve(path));
  } catch (cause) {
    const { code, words } = whyNot(cause);
    const why = code === 'EEXIST' ? 'it is there, and no directory' : words;
    throw new PlowError('config', `cannot make ${path}: ${why}`, { cause });
  }
}

/** The `recursive` of node 20 never ends below /proc, where directories that exist take no others. */
async function makeDirectories(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return false;
  if (dirname(path) !== path) await makeDirectories(dirname(path));
  await mkdir(path);
  return true;
}
