import { statSync } from 'node:fs';

import { PlowError } from '../errors/plow-error.ts';
import { showFile } from './mistakes.ts';
import { readText, tryToRead } from './read-text.ts';
import type { SettingsFile } from './settings-file.ts';

/**
 * Reads the settings of the first file that exists. Costs a failed open for each that does not, and loads nothing then.
 * @throws PlowError of kind `config` if it cannot be read or has mistakes
 */
export async function findSettings(candidates: readonly string[]): Promise<SettingsFile | undefined> {
  for (const file of candidates) {
    const reading = await tryToRead(file);
    if ('text' in reading) {
      return load(file, reading.text);
    }
    if (!reading.missing && !isOutOfSight(file)) {
      throw new PlowError('config', `${showFile(file)}: ${reading.problem}`, { cause: reading.cause });
    }
  }
  return undefined;
}

/**
 * Whether it cannot even be known that a file exists: after `su` or in a service, HOME may be somebody else's. That must
 * keep nobody from using plow, but a file that is there and may not be read must not be passed over.
 */
function isOutOfSight(file: string): boolean {
  try {
    statSync(file);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES';
  }
}

/** Reads the settings of a file that somebody named. @throws PlowError of kind `config`, also if it does not exist */
export async function readSettings(file: string): Promise<SettingsFile> {
  return load(file, await readText(file));
}

async function load(file: string, text: string): Promise<SettingsFile> {
  const { loadSettings } = await import('./settings-file.ts');
  return loadSettings(file, text);
}
