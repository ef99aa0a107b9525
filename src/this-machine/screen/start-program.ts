import { spawn } from 'node:child_process';

/** A program that goes on by itself. */
export interface Started {
  /** Ends when it fails: its exit code, or the signal that ended it. Never, when it does its work. */
  readonly failed: Promise<string>;
}

/** Starts a program of the PATH, without a shell. @returns why it cannot, in words, if it cannot */
export function startDetached(program: string, words: readonly string[]): Promise<Started | string> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { detached: true, stdio: 'ignore' });
    const failed = new Promise<string>((tell) => {
      child.once('exit', (code, signal) => {
        if (code !== 0) tell(code === null ? `signal ${signal}` : `exit code ${code}`);
      });
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === 'ENOENT';
      resolve(isMissing ? `there is no ${program} on this machine` : `${program}: ${error.message}`);
    });
    child.once('spawn', () => resolve({ failed }));
    child.unref();
  });
}
