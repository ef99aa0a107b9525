import { execFile } from 'node:child_process';

/** `through`: it came to a shell there. `silent`: nothing came in time, or there is no ssh here. */
export type SshAnswer =
  | { readonly kind: 'through' }
  | { readonly kind: 'refused'; readonly words: string }
  | { readonly kind: 'silent' };

/** More than its own time for a connection. */
const WITHIN_MS = 4000;
/** ssh(1): the exit code of ssh itself, and not of what ran there. */
const OWN_FAILURE = 255;

/** Whether ssh comes through to a machine; nobody is asked anything, and nothing is done there. */
export function askSsh(program: string, words: readonly string[]): Promise<SshAnswer> {
  const bounds = { timeout: WITHIN_MS, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 } as const;
  return new Promise<SshAnswer>((resolve) => {
    execFile(program, words, bounds, (error, _stdout, stderr) => {
      if (error === null) resolve({ kind: 'through' });
      else if (error.code === OWN_FAILURE) resolve({ kind: 'refused', words: stderr });
      // Of another program nobody knows what its exit code means.
      else if (typeof error.code === 'number')
        resolve(program === 'ssh' ? { kind: 'through' } : { kind: 'silent' });
      else resolve({ kind: 'silent' });
    });
  }).catch(() => ({ kind: 'silent' }));
}
