import { randomBytes } from 'node:crypto';
import { link, lstat, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PlowError } from '../../../errors/plow-error.ts';

/** A run of zeros of that length, where it begins at a multiple of it, takes up no room. */
const BLOCK_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** What a file system says that knows no second name of a file. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV']);

/**
 * A file of this machine that has its name only once all of it is there. Until then it has a name of its own
 * beside it, which goes when something goes wrong. What has the name already is never touched.
 */
export class SparseFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  #isThere = true;
  #bytes = 0;

  private constructor(path: string, temporary: string, handle: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** @throws PlowError (storage) where there is a file of that name, or none can be made */
  static async at(path: string): Promise<SparseFile> {
    const there = await lstat(path).catch(() => undefined);
    if (there !== undefined) throw isTaken(path);
    const temporary = join(dirname(path), `.plow-${randomBytes(8).toString('hex')}.part`);
    return new SparseFile(path, temporary, await writing(path, () => open(temporary, 'wx')));
  }

  /** Bytes from an offset on, one part after the other. @throws PlowError (storage) */
  async write(part: Uint8Array, at: number): Promise<void> {
    this.#bytes = at + part.length;
    for (let from = 0; from < part.length;) {
      const zeros = isZero(part, from);
      let to = from;
      while (to < part.length && isZero(part, to) === zeros) to += BLOCK_BYTES;
      if (!zeros) await this.#writeAll(part.subarray(from, to), at + from);
      from = to;
    }
  }

  /** Gives it its name, once all of it is on the disk. @throws PlowError (storage) */
  async publish(): Promise<void> {
    await writing(this.#path, async () => {
      await this.#handle.truncate(this.#bytes);
      await this.#handle.sync();
    });
    await writing(this.#path, () => named(this.#temporary, this.#path));
    this.#isThere = false;
  }

  /** Always to be called: what was not published goes. */
  async close(): Promise<void> {
    await this.#handle.close();
    if (this.#isThere) await rm(this.#temporary, { force: true });
  }

  async #writeAll(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const rest = bytes.subarray(done);
      const { bytesWritten } = await writing(this.#path, () =>
        this.#handle.write(rest, 0, rest.length, at + done),
      );
      done += bytesWritten;
    }
  }
}

function isZero(part: Uint8Array, from: number): boolean {
  const block = part.subarray(from, from + BLOCK_BYTES);
  return ZEROS.subarray(0, block.length).equals(block);
}

/** A second name is refused where there is one already; `rename` would take its place. */
async function named(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
    await rm(temporary);
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error) ?? '')) throw error;
    await (await open(path, 'wx')).close();
    await rename(temporary, path);
  }
}

/** @throws PlowError (storage) for errors of the system */
async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    if (code === 'EEXIST') throw isTaken(path);
    const why = REASONS[code] ?? code;
    throw new PlowError('storage', `cannot write ${path}: ${why}`, { cause: error, hint: NOTHING_LEFT });
  }
}

const NOTHING_LEFT = 'nothing of it was left there';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the quota of this machine is used up',
  EFBIG: 'the file system there has no files of that size',
  ENOENT: 'there is no such directory',
  ENOSPC: 'no space is left on this machine',
  ENOTDIR: 'there is no such directory',
  EROFS: 'the file system there is read-only',
};

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function isTaken(path: string): PlowError {
  return new PlowError('storage', `${path} is there already`, {
    hint: 'a file that is there is never written to: give another name, or move it away',
  });
}
