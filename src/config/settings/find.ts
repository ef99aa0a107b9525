import { statSync } from 'node:fs';

import { PlowError } from '../../errors/plow-error.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import { whyForeign } from '../files/foreign-file.ts';
import type { Foreign } from '../files/foreign-file.ts';
import { foreignStep } from '../files/foreign-way.ts';
import { leadsOut } from '../files/links.ts';
import { showFile } from '../yaml/mistake.ts';
import { tryToRead } from '../files/read-text.ts';
import type { LookedText } from '../files/read-text.ts';
import type { SettingsFile } from './load.ts';

/**
 * Reads the settings of the first file that exists. Costs a failed open for each that does not, and loads
 * nothing then. HOME may be somebody else's (`sudo -E`, `su -m`), and settings say where to connect to: one
 * that others may have written counts for nobody. Directories and links on the way are looked at too.
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
      refuseForeign(file, reading, userId);
      return load(file, reading);
    }
    if (!reading.missing && !isOutOfSight(file)) {
      throw new PlowError('config', `${showFile(file)}: ${reading.problem}`, { cause: reading.cause });
    }
  }
  return undefined;
}

/** @throws PlowError of kind `config` */
function refuseForeign(file: string, { access }: LookedText, userId: number): void {
  const ofFile = whyForeign(access, userId);
  if (ofFile !== undefined) throw refusal(`${showFile(file)} ${ofFile.why}`, ofFile, file);
  const step = foreignStep(file, userId);
  if (step === undefined) return;
  throw refusal(`${showFile(file)}: ${showFile(step.path)}, which leads to it, ${step.why}`, step, step.path);
}

function refusal(message: string, { isModeOnly }: Foreign, path: string): PlowError {
  if (!isModeOnly) return new PlowError('config', `${message}: give it with --config`);
  return new PlowError('config', message, { hint: `chmod go-w ${shellQuote(path)}` });
}

/**
 * Whether it cannot even be known that a file exists: after `su` or in a service, HOME may be somebody
 * else's. That must keep nobody from using plow, but a file that is there and may not be read must not be
 * passed over.
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
  return { ...(await load(file, reading)), foreign: whyForeign(reading.access, userId)?.why };
}

/** Where a link leads out of its directory, what is there may be no settings, and nobody's to print. */
async function load(file: string, { text, realPath }: LookedText): Promise<SettingsFile> {
  const { loadSettings } = await import('./load.ts');
  if (!leadsOut(file, realPath)) return loadSettings(file, text);
  try {
    return loadSettings(file, text);
  } catch (error) {
    if (!(error instanceof PlowError)) throw error;
    const count = error.message.split('\n').length;
    const what = `${count} mistake${count === 1 ? '' : 's'}`;
    const why =
      'this file is reached by a link that leads out of its directory (give the file itself with --config)';
    throw new PlowError('config', `${showFile(file)}: ${what}, not shown: ${why}`);
  }
}
