import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { isMap, listAt, valueAt } from './raw-value.ts';
import { tryToRead } from './read-text.ts';

/** Texts of the files that a configuration names, by the path as it is written there; or why one cannot be read. */
export type FileTexts = ReadonlyMap<string, string | { readonly problem: string }>;

/** The files that the value of a configuration names, right or wrong. */
function referencedFiles(file: unknown): readonly string[] {
  const section = valueAt(file, 'cloud_init');
  const keys = [section, ...listAt(section, 'users')].flatMap((owner) => listAt(owner, 'ssh_keys'));
  const files = [valueAt(section, 'user_data'), ...keys.filter(isMap).map((key) => valueAt(key, 'file'))];
  return [...new Set(files.filter((path) => typeof path === 'string'))];
}

/**
 * Reads the files that a configuration names, relative to its directory; `~/` is the home directory.
 * @param file its own path @param value what it holds
 */
export async function readReferences(file: string, value: unknown): Promise<FileTexts> {
  const read = async (path: string): Promise<[string, string | { problem: string }]> => {
    const place = path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(dirname(file), path);
    const reading = await tryToRead(place);
    return [path, 'text' in reading ? reading.text.replace(/^\uFEFF/u, '') : reading];
  };
  return new Map(await Promise.all(referencedFiles(value).map(read)));
}
