import { statSync } from 'node:fs';

import { PlowError } from '../errors/plow-error.ts';
import { whyForeign } from './foreign-file.ts';
import { showFile } from './mistakes.ts';
import { tryToRead } from './read-text.ts';
import type { SettingsFile } from './settings-file.ts';

/**
 * Reads the settings of the first file that exists. Costs a failed open for each that does not, and loads nothing then.
 * HOME may be somebody else's (`sudo -E`, `su -m`), and settings say where to connect to: one that others may have written
 * counts for nobody. Only the file itself is looked at, not the directories on the way.
 * @param userId whom plow runs as
 * @throws PlowError of kind `config` if it cannot be read, may be others' or has mistakes
 */
export async function findSettings(
  candidates: readonly string[],
  userId: number,
): Promise<SettingsFile | undefined> {
  for (const file of candidates) {
    const reading = await tryToRead(file);
    if ('text' in reading) {
      const foreign = whyForeign(reading.access, userId);
      if (foreign !== undefined) {
        throw new PlowError('config', `${showFile(file)} ${foreign}: give it with --config`);
      }
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

/**
 * Reads the settings of a file that somebody named, whoever wrote it. @param userId whom plow runs as
 * @throws PlowError of kind `config`, also if it does not exist
 */
export async function readSettings(file: string, userId: number): Promise<SettingsFile> {
  const reading = await tryToRead(file);
  if ('problem' in reading) {
    throw new PlowError('config', `${showFile(file)}: ${reading.problem}`, { cause: reading.cause });
  }
  return { ...(await load(file, reading.text)), foreign: whyForeign(reading.access, userId) };
}

async function load(file: string, text: string): Promise<SettingsFile> {
  const { loadSettings } = await import('./settings-file.ts');
  return loadSettings(file, text);
}
