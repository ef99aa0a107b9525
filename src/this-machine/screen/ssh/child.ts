import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastWordsOf } from './words.ts';

/** An ssh that runs for a screen. */
export interface SshChild {
  /** Closed when plow ends, in whatever way, which ends it too. */
  readonly input: Writable;
  readonly output: Readable | null;
  readonly hasEnded: () => boolean;
  /** All it has complained of, once it has ended; what there is of it after a second. */
  heard(): Promise<string>;
  /** Its last words, where it ended by a failure of its own; undefined where it did its work. */
  whyFailed(): Promise<string | undefined>;
  end(): void;
}

const MOST_WORDS = 64 * 1024;
const LAST_WORDS_MS = 1000;
/** ssh(1): the exit code of ssh itself. */
const OWN_FAILURE = 255;

/** @param output whether anybody reads it */
export function startSsh(program: string, words: readonly string[], output: 'pipe' | 'ignore'): SshChild {
  const child = spawn(program, words, { stdio: ['pipe', output, 'pipe'] });
  let [heard, hasEnded] = ['', false];
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    heard = `${heard}${piece}`.slice(-MOST_WORDS);
  });
  child.stdin?.on('error', () => {});
  const closed = new Promise<number | null>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      heard ||= error.code === 'ENOENT' ? `there is no ${program} on this machine` : error.message;
      hasEnded = true;
      resolve(OWN_FAILURE);
    });
    child.once('exit', () => (hasEnded = true));
    child.once('close', (code) => resolve(code));
  });
  const ended = (): Promise<unknown> => Promise.race([closed, sleep(LAST_WORDS_MS, null, { ref: false })]);
  if (child.stdin === null) throw new Error('it was started with a pipe');
  return {
    input: child.stdin,
    output: child.stdout,
    hasEnded: () => hasEnded,
    heard: async () => {
      await ended();
      return heard;
    },
    whyFailed: async () =>
      (await ended()) === OWN_FAILURE ? (lastWordsOf(heard) ?? 'ssh has failed') : undefined,
    end: () => void child.kill('SIGTERM'),
  };
}
