import { spawn } from 'node:child_process';

/** Starts a program of the PATH that goes on by itself. @returns whether there is one */
export function startDetached(program: string, words: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { detached: true, stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('spawn', () => resolve(true));
    child.unref();
  });
}
