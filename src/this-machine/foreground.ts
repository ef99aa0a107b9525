import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** What a shell adds to the number of a signal that ended a program. */
const BY_SIGNAL = 128;

export interface ForegroundProgram {
  /** Its exit code, as a shell has it; `missing` where there is no such program. */
  readonly ended: Promise<number | 'missing'>;
  readonly kill: (signal: 'SIGHUP' | 'SIGINT' | 'SIGTERM') => void;
}

/** Runs a program of the PATH with the streams, and the terminal, of this process. */
export function startForeground(program: string, words: readonly string[]): ForegroundProgram {
  const child = spawn(program, words, { stdio: 'inherit' });
  const ended = new Promise<number | 'missing'>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve('missing');
      else reject(error);
    });
    child.once('exit', (code, signal) => {
      resolve(code ?? BY_SIGNAL + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  return { ended, kill: (signal) => void child.kill(signal) };
}
