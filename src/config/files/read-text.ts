import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { FileLook, Unreadable } from './look.ts';
import type { FileAccess } from './foreign-file.ts';

/**
 * Room for every disk and interface and a hundred ssh keys; on more than that, nonsense costs the parser
 * seconds.
 */
const MOST_BYTES = 128 * 1024;
/**
 * How long the programs at the other ends of pipes may be silent, and how long all that they say may take.
 */
const SILENCE_MS = 10_000;
const PIPES_MS = 60_000;
const PIPE_POLL_MS = 20;

/** Its file descriptor. */
const STANDARD_INPUT = 0;

const MISSING = 'no such file';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: MISSING,
  ENOTDIR: MISSING,
  ENXIO: 'it is not a regular file',
  EPERM: 'permission denied',
  // Of node, before it asks the system.
  ERR_INVALID_ARG_VALUE: 'no name of a file holds a NUL character',
};

/** Why there is no text of a file. */
export interface Problem {
  readonly problem: string;
  /** There is no such file. */
  readonly missing: boolean;
  readonly cause: unknown;
}

/** What became of a file: its text without a byte order mark, or why there is none. */
export type Reading = { readonly text: string } | Problem;

/**
 * Waits for pipes: one for all that are read in a run, so that ten which are silent cost no more than one.
 */
export class Timeouts {
  #silentMs = 0;
  #waitedMs = 0;

  /** @throws Unreadable when it is at its end */
  async wait(): Promise<void> {
    if (this.#silentMs >= SILENCE_MS) {
      throw new Unreadable(`nothing came through the pipe for ${SILENCE_MS / 1000} s`);
    }
    if (this.#waitedMs >= PIPES_MS) {
      throw new Unreadable(`what comes through pipes takes longer than ${PIPES_MS / 1000} s`);
    }
    await sleep(PIPE_POLL_MS);
    this.#silentMs += PIPE_POLL_MS;
    this.#waitedMs += PIPE_POLL_MS;
  }

  /** Something came that was waited for. */
  renew(): void {
    this.#silentMs = 0;
  }
}

/** A text, and what it was read from. */
export interface LookedText {
  readonly text: string;
  readonly access: FileAccess;
  /** As that of FileLook. */
  readonly realPath: string;
}

/** Reads a file or pipe of at most 128 KiB of UTF-8 text, and tells who may write it. */
export function tryToRead(file: string): Promise<LookedText | Problem> {
  return orProblem(async () => {
    const look = new FileLook(file);
    try {
      const { access, realPath } = look;
      return { text: await readLooked(look, new Timeouts()), access, realPath };
    } finally {
      look.close();
    }
  });
}

/**
 * The text that comes through standard input. A pipe is opened anew, as the one that plow was given may not
 * say that it has nothing yet, but wait. That cannot always be: what is no pipe may have no name (a socket),
 * and a pipe be of somebody else (`| sudo -u me plow validate -`). @throws as readLooked
 */
export async function readInput(timeouts: Timeouts): Promise<string> {
  const descriptor = fstatSync(STANDARD_INPUT).isFIFO() ? openAnew() : STANDARD_INPUT;
  try {
    return decode(await readBounded(descriptor, timeouts));
  } finally {
    if (descriptor !== STANDARD_INPUT) closeSync(descriptor);
  }
}

function openAnew(): number {
  try {
    return openSync('/proc/self/fd/0', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return STANDARD_INPUT;
  }
}

/** What a piece of work gives, or why a file kept it from that. */
export async function orProblem<T extends object>(work: () => Promise<T>): Promise<T | Problem> {
  try {
    return await work();
  } catch (cause) {
    const reason = reasonOf(cause);
    if (reason === undefined) throw cause;
    return { problem: `cannot be read: ${reason}`, missing: reason === MISSING, cause };
  }
}

/** Undefined for what is neither the file's fault nor the system's. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof Unreadable) {
    return error.message;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return code === undefined ? undefined : (REASONS[code] ?? code);
}

/** The text of a file that was looked at. @throws Unreadable, and the system's errors */
export async function readLooked(look: FileLook, timeouts: Timeouts): Promise<string> {
  // Without a thread of node's: to start the first takes longer than to read a file.
  const descriptor = look.open();
  try {
    return decode(await readBounded(descriptor, timeouts));
  } finally {
    closeSync(descriptor);
  }
}

async function readBounded(descriptor: number, timeouts: Timeouts): Promise<Buffer> {
  const bytes = Buffer.alloc(MOST_BYTES + 1);
  let length = 0;
  while (length < bytes.length) {
    const got = await readSome(descriptor, bytes, length, timeouts);
    if (got === 0) {
      return bytes.subarray(0, length);
    }
    length += got;
  }
  throw new Unreadable(`it is larger than ${MOST_BYTES / 1024} KiB, more than plow needs`);
}

/** Number of bytes read; 0 at the end. */
async function readSome(
  descriptor: number,
  bytes: Buffer,
  offset: number,
  timeouts: Timeouts,
): Promise<number> {
  for (let waited = false; ; waited = true) {
    try {
      const got = readSync(descriptor, bytes, offset, bytes.length - offset, null);
      if (waited && got > 0) timeouts.renew();
      return got;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) {
        throw error;
      }
    }
    await timeouts.wait();
  }
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
