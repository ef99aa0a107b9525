import { lstatSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { leadsOut } from '../files/links.ts';
import { FileLook, Unreadable } from '../files/look.ts';
import type { FileAccess } from '../files/foreign-file.ts';
import { orProblem, readLooked, Timeouts } from '../files/read-text.ts';
import { checkLock, unreadableLock } from './check.ts';
import type { CheckedLock } from './check.ts';

/** What a lock is called that is not named: beside VM files, and where plow is started. */
export const LOCK_NAME = 'images.lock';

const WRITTEN_BY_ALL = 0o002;

/** A lock that was read, and what stood in it. */
export interface LockText {
  readonly lock: CheckedLock;
  readonly text: string;
}

/**
 * Reads a lock that somebody named. Where a link leads out of its directory, what is there may be no lock.
 * @returns undefined where there is no such file
 */
export function readNamedLock(file: string): Promise<LockText | undefined> {
  return read(file, () => undefined);
}

/**
 * Reads a lock that nobody named: which images VMs are made of is no matter for whoever may write there.
 * @param beside the VM file that it is for: whoever wrote that says what is made of it anyway
 */
export function readFoundLock(file: string, beside?: string): Promise<LockText | undefined> {
  return read(file, (access) => whyForeign(access, beside));
}

/** The lock that is for a VM file where none is named. */
export function lockBeside(vmFile: string): string {
  return join(dirname(vmFile), LOCK_NAME);
}

async function read(
  file: string,
  refuse: (access: FileAccess) => string | undefined,
): Promise<LockText | undefined> {
  const reading = await orProblem(async () => {
    const look = new FileLook(file);
    try {
      if (look.isPipe) throw new Unreadable('it is not a regular file');
      if (leadsOut(file, look.realPath))
        throw new Unreadable('a link leads to it out of its directory (give the file itself)');
      const why = refuse(look.access);
      if (why !== undefined) throw new Unreadable(why);
      return { text: await readLooked(look, new Timeouts()) };
    } finally {
      look.close();
    }
  });
  if ('text' in reading) return { text: reading.text, lock: checkLock(file, reading.text) };
  if (reading.missing && !isThere(file)) return undefined;
  return { text: '', lock: unreadableLock(file, reading.problem) };
}

/** A link that leads nowhere is there all the same. */
function isThere(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function whyForeign({ owner, mode }: FileAccess, beside: string | undefined): string | undefined {
  const isOwn = owner === 0 || owner === ownId() || owner === ownerOf(beside);
  if (isOwn && (mode & WRITTEN_BY_ALL) === 0) return undefined;
  const why = isOwn ? 'everybody may write it' : `it belongs to uid ${owner}`;
  return `${why}, and nobody has named it (--images-lock does)`;
}

/** Undefined for whom the system has no name. */
function ownId(): number | undefined {
  try {
    return userInfo().uid;
  } catch {
    return undefined;
  }
}

function ownerOf(file: string | undefined): number | undefined {
  return file === undefined ? undefined : lstatSync(resolve(file), { throwIfNoEntry: false })?.uid;
}
