import { spawn } from 'node:child_process';

/**
 * `through`: it came to a shell there, and what ran ended with that code. `silent`: nothing came in time, or
 * there is no ssh here.
 */
export type SshAnswer =
  | { readonly kind: 'through'; readonly code: number }
  | { readonly kind: 'refused'; readonly words: string }
  | { readonly kind: 'silent' };

/** More than its own time for a connection. */
const WITHIN_MS = 4000;
/** ssh(1): the exit code of ssh itself, and not of what ran there. */
const OWN_FAILURE = 255;
const MOST_WORDS = 64 * 1024;

/**
 * Whether ssh comes through to a machine; nobody is asked anything, and nothing is done there. It is given up
 * with all that it started, such as a ProxyCommand: so it has a process group of its own, and no terminal.
 * @param signal whoever aborts it hears `silent`
 */
export function askSsh(
  program: string,
  words: readonly string[],
  withinMs = WITHIN_MS,
  signal?: AbortSignal,
): Promise<SshAnswer> {
  return new Promise<SshAnswer>((resolve) => {
    const child = spawn(program, words, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    let heard = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      heard = `${heard}${piece}`.slice(0, MOST_WORDS);
    });
    const giveUp = (): void => {
      if (child.pid !== undefined) endGroup(child.pid);
      child.stderr.destroy();
      resolve({ kind: 'silent' });
    };
    const timer = setTimeout(giveUp, withinMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    const over = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
    child.once('error', () => {
      over();
      resolve({ kind: 'silent' });
    });
    child.once('close', (code) => {
      over();
      if (code === 0) resolve({ kind: 'through', code });
      else if (code === OWN_FAILURE) resolve({ kind: 'refused', words: heard });
      // Of another program nobody knows what its exit code means.
      else resolve(code !== null && program === 'ssh' ? { kind: 'through', code } : { kind: 'silent' });
    });
  }).catch(() => ({ kind: 'silent' }));
}

/** node signals a single process only; kill of a shell knows groups. */
function endGroup(pid: number): void {
  spawn('sh', ['-c', `kill -KILL -${pid}`], { stdio: 'ignore' }).once('error', () => {});
}
