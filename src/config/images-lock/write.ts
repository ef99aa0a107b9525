import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { showFile } from '../yaml/mistake.ts';
import { PlowError } from '../../errors/plow-error.ts';

const PERMISSIONS = 0o777;

/**
 * Puts a text in the place of a lock's, whole or not at all: whoever reads it meanwhile has the one or the
 * other. @param mark that nobody else has @throws PlowError (config)
 */
export function replaceLock(file: string, text: string, mark: string): void {
  try {
    const place = realPath(file);
    const made = join(dirname(place), `.${basename(place)}.${mark}`);
    try {
      write(made, text, statSync(place, { throwIfNoEntry: false }));
      renameSync(made, place);
    } catch (error) {
      rmSync(made, { force: true });
      throw error;
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new PlowError('config', `${showFile(file)}: cannot be written: ${code}`, { cause });
  }
}

/** With mode and owner of the one that was there before, as far as the system allows. */
function write(
  made: string,
  text: string,
  before: { readonly mode: number; readonly uid: number; readonly gid: number } | undefined,
): void {
  const descriptor = openSync(made, 'wx', 0o644);
  try {
    if (before !== undefined) {
      try {
        fchownSync(descriptor, before.uid, before.gid);
      } catch {
        // It is the user's own then, as with every editor.
      }
      fchmodSync(descriptor, before.mode & PERMISSIONS);
    }
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function realPath(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    return file;
  }
}
