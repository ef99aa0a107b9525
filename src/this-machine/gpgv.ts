import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import { PlowError } from '../errors/plow-error.ts';
import { installing, managerOf } from '../text/installing.ts';
import type { Packages } from '../text/installing.ts';
import { quote } from '../text/quote.ts';
import { dearmored } from './armor.ts';
import { osRelease } from './distribution.ts';

const GPGV: Packages = { apt: 'gpgv', dnf: 'gnupg2', zypper: 'gpg2' };

/** Keys of some publishers, not a whole web of trust. */
const MOST_KEY_BYTES = 4 * 1024 * 1024;
const MOST_STATUS = 64 * 1024;

/** What gpgv said, and how it ended. */
export interface GpgvAnswer {
  /** Undefined: it was ended by a signal, or by its time. */
  readonly code: number | undefined;
  /** Lines of its status, without what they begin with. */
  readonly status: readonly string[];
  /** What it wrote out, which is worth nothing unless the signature is good. */
  readonly output: Buffer;
}

/** A gpgv that runs. */
export interface RunningGpgv {
  /** Resolves when it has room for more; at once where it has ended. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** After all that is signed was written. @throws PlowError where it cannot run */
  readonly end: () => Promise<GpgvAnswer>;
  /** Ends it, if it runs still, and takes its files away. */
  readonly dispose: () => Promise<void>;
}

/** What a gpgv is started for. */
export interface GpgvTask {
  /** File of keys, with armour or without. */
  readonly keyring: string;
  /** Undefined: what is written to it is signed in the clear. */
  readonly signature: Uint8Array | undefined;
  /** Of what it writes out. */
  readonly mostOutput: number;
  /** From when all was written. */
  readonly withinMs: number;
  /** By which name or path. */
  readonly program: string;
}

/**
 * Starts gpgv with keys and a signature in a directory that only this user may enter; no other keys of the
 * user count. SHA-1 proves nothing here either. What is signed is written to it.
 * @throws PlowError (config) where the keys cannot be read
 */
export async function startGpgv(task: GpgvTask): Promise<RunningGpgv> {
  const keys = await keysIn(task.keyring);
  const directory = await mkdtemp(`${tmpdir()}/plow-gpgv-`);
  try {
    await writeFile(`${directory}/keys`, keys, { mode: 0o600 });
    if (task.signature !== undefined) {
      await writeFile(`${directory}/signature`, task.signature, { mode: 0o600 });
    }
    return run(task, directory);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function keysIn(file: string): Promise<Buffer> {
  const keys = await readFile(file).catch((error: unknown) => {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    throw new PlowError('config', `the keys of signed_by cannot be read: ${quote(file)}: ${why}`, {
      hint: 'give the keys of the publisher, as `gpg --export KEY` writes them',
      cause: error,
    });
  });
  const bare = keys.length > MOST_KEY_BYTES ? Buffer.alloc(0) : dearmored(keys);
  if (bare.length > 0) return bare;
  throw new PlowError('config', `the file of signed_by holds no keys: ${quote(file)}`, {
    hint: 'take what `gpg --export KEY` writes',
  });
}

function run({ signature, mostOutput, withinMs, program }: GpgvTask, directory: string): RunningGpgv {
  const files = signature === undefined ? ['--output', '-', '-'] : [`${directory}/signature`, '-'];
  const child = spawn(
    program,
    [
      '--homedir',
      directory,
      '--keyring',
      `${directory}/keys`,
      '--weak-digest',
      'SHA1',
      '--status-fd',
      '2',
      ...files,
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const output: Buffer[] = [];
  let length = 0;
  let status = '';
  child.stdout.on('data', (piece: Buffer) => {
    length += piece.length;
    if (length <= mostOutput) output.push(piece);
    else child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    status = `${status}${piece}`.slice(0, MOST_STATUS);
  });
  // It may end before it has read all, such as where the signature is none.
  child.stdin.on('error', () => {});
  const ended = new Promise<GpgvAnswer>((resolve, reject) => {
    child.once('error', (error) => reject(notThere(program, error)));
    child.once('close', (code) => {
      resolve({ code: code ?? undefined, status: statusLines(status), output: Buffer.concat(output) });
    });
  });
  // Whoever calls end() is told.
  ended.catch(() => {});
  return {
    write: async (bytes) => {
      if (child.stdin.destroyed || child.stdin.write(bytes)) return;
      const drained = new Promise<void>((resolve) => {
        child.stdin.once('drain', resolve).once('close', resolve);
      });
      await drained;
    },
    end: async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
      return ended.finally(() => clearTimeout(timer));
    },
    dispose: async () => {
      child.kill('SIGKILL');
      await ended.catch(() => {});
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function statusLines(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^\[GNUPG:\] (?<words>.*)$/u.exec(line)?.groups?.['words'] ?? []);
}

function notThere(program: string, cause: Error): PlowError {
  const isMissing = 'code' in cause && cause.code === 'ENOENT';
  const what = isMissing ? `${program} is not installed` : `${program} cannot be started`;
  return new PlowError('config', `${what}, and signed_by wants a signature verified`, {
    hint: `install it: ${installing(GPGV, managerOf(osRelease()))}; or leave out signed_by`,
    cause,
  });
}
