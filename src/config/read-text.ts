import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { PlowError } from '../errors/plow-error.ts';
import type { FileAccess } from './foreign-file.ts';
import { showFile } from './mistakes.ts';

/** Room for every disk and interface and a hundred ssh keys; on more than that, nonsense costs the parser seconds. */
const MOST_BYTES = 128 * 1024;
/** How long the program at the other end of a pipe may be silent. */
const PIPE_PATIENCE_MS = 10_000;
const PIPE_POLL_MS = 20;

const MISSING = 'no such file';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: MISSING,
  ENOTDIR: MISSING,
  ENXIO: 'it is not a regular file',
  EPERM: 'permission denied',
};

/** What became of a file: its text without a byte order mark, or why there is none. */
export type Reading =
  | { readonly text: string; readonly access: FileAccess }
  | {
      readonly problem: string;
      /** There is no such file. */
      readonly missing: boolean;
      readonly cause: unknown;
    };

/** Reads a file or pipe of at most 128 KiB of UTF-8 text. */
export async function tryToRead(file: string): Promise<Reading> {
  try {
    const { bytes, access } = await readBytes(file);
    return { text: decode(bytes), access };
  } catch (cause) {
    const reason = reasonOf(cause);
    if (reason === undefined) {
      throw cause;
    }
    return { problem: `cannot be read: ${reason}`, missing: reason === MISSING, cause };
  }
}

/** @throws PlowError of kind `config` if it cannot be read, is larger than 128 KiB or is not UTF-8 text */
export async function readText(file: string): Promise<string> {
  const reading = await tryToRead(file);
  if ('problem' in reading) {
    const { problem, cause } = reading;
    throw new PlowError('config', `${showFile(file)}: ${problem}`, { cause });
  }
  return reading.text;
}

/** A reason that has its words already. */
class Unreadable extends Error {}

/** Undefined for what is neither the file's fault nor the system's. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof Unreadable) {
    return error.message;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return code === undefined ? undefined : (REASONS[code] ?? code);
}

async function readBytes(file: string): Promise<{ readonly bytes: Buffer; readonly access: FileAccess }> {
  // Without O_NONBLOCK a named pipe that nobody writes to would hold the process, and even its exit.
  // Without a thread of node's: to start the first takes longer than to read a file.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) {
      throw new Unreadable('it is a directory, not a file (give the files in it: dir/*.yaml)');
    }
    if (!stat.isFile() && !stat.isFIFO()) {
      throw new Unreadable('it is not a regular file');
    }
    return { bytes: await readBounded(descriptor), access: { owner: stat.uid, mode: stat.mode } };
  } finally {
    closeSync(descriptor);
  }
}

async function readBounded(descriptor: number): Promise<Buffer> {
  const bytes = Buffer.alloc(MOST_BYTES + 1);
  let length = 0;
  while (length < bytes.length) {
    const got = await readSome(descriptor, bytes, length);
    if (got === 0) {
      return bytes.subarray(0, length);
    }
    length += got;
  }
  throw new Unreadable(`it is larger than ${MOST_BYTES / 1024} KiB, more than plow can have use for`);
}

/** Number of bytes read; 0 at the end. */
async function readSome(descriptor: number, bytes: Buffer, offset: number): Promise<number> {
  for (let waited = 0; waited < PIPE_PATIENCE_MS; waited += PIPE_POLL_MS) {
    try {
      return readSync(descriptor, bytes, offset, bytes.length - offset, null);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) {
        throw error;
      }
    }
    await sleep(PIPE_POLL_MS);
  }
  throw new Unreadable(`nothing came through the pipe for ${PIPE_PATIENCE_MS / 1000} s`);
}

function decode(bytes: Buffer): string {
  if (bytes.includes(0)) {
    throw new Unreadable('it is not text (it holds NUL bytes)');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Unreadable('it is not UTF-8 text', { cause: error });
  }
}
