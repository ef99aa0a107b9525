import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open, readdir, readFile, realpath, stat, statfs } from 'node:fs/promises';
import type { LocalFacts, Place } from '../hypervisor/local.ts';

/** Programs that are asked ask others, over D-Bus above all. */
const PATIENCE_MS = 5000;

/** Where the system has its own programs; whatever the caller's variables say, nothing else runs. */
const BARE_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

const PERMISSIONS = 0o7777;
/** st_blocks of stat(2). */
const BLOCK_BYTES = 512;
/** A qcow2 image has its header and the name of its backing file there, and a medium says that it is one. */
const HEAD_BYTES = 64 * 1024;
/** What has taken the place of a file meanwhile is not waited for. */
const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** No program, whoever runs it, finds a file there. */
const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** As the port's. */
export async function findPlace(path: string): Promise<Place | 'missing' | 'hidden'> {
  try {
    const [real, { dev, ino }] = await Promise.all([realpath(path), stat(path, { bigint: true })]);
    return { real, file: `${dev}:${ino}` };
  } catch (error) {
    return MISSING.has(codeOf(error)) ? 'missing' : 'hidden';
  }
}

/** As the port's. */
export async function mayUse(directory: string): Promise<boolean> {
  try {
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** This machine. */
export const LOCAL_FACTS: LocalFacts = {
  async exists(path) {
    try {
      await access(path);
      return true;
    } catch {
      return false;
    }
  },
  async read(path) {
    try {
      return await readFile(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  async look(path) {
    try {
      const [found, system] = await Promise.all([stat(path), statfs(path)]);
      const { mode, uid: owner, gid: group, size: bytes } = found;
      const type = found.isFile() ? 'file' : found.isDirectory() ? 'dir' : 'other';
      return {
        type,
        mode: mode & PERMISSIONS,
        owner,
        group,
        bytes,
        takenBytes: found.blocks * BLOCK_BYTES,
        availableBytes: system.bavail * system.bsize,
        head: found.isFile() || found.isBlockDevice() ? await headOf(path) : new Uint8Array(),
      };
    } catch (error) {
      return codeOf(error);
    }
  },
  names: async (directory) => readdir(directory).catch(() => undefined),
  output: (program, args) =>
    new Promise((resolve) => {
      execFile(program, args, { timeout: PATIENCE_MS, env: BARE_ENVIRONMENT }, (error, stdout) => {
        // A number is the exit code of a program that ran; else it could not be run, or was ended.
        const ran = error === null || typeof error.code === 'number';
        resolve(ran ? stdout.trim() : undefined);
      });
    }),
};
