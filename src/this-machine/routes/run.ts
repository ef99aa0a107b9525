import { execFile } from 'node:child_process';

/** A daemon that hangs is not waited for; nor is a kernel, whose lock somebody may hold. */
const PATIENCE_MS = 5000;
/** A thousand routes are 100 KB. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Where the system has its own programs; whatever the caller's variables say, nothing else runs. */
const BARE_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  /** In one piece, without the line's end. */
  readonly stderr: string;
}

/** Why a program gave no answer. */
export type NotRun = 'missing' | 'late';

/** Runs a program of the system for some seconds at most. */
export function run(program: string, args: readonly string[], withinMs = PATIENCE_MS): Promise<Ran | NotRun> {
  return new Promise((resolve) => {
    const options = {
      timeout: Math.ceil(Math.min(withinMs, PATIENCE_MS)),
      maxBuffer: MOST_BYTES,
      env: BARE_ENVIRONMENT,
    };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr: stderr.trim() });
      else if (typeof error.code === 'number')
        resolve({ code: error.code, stdout, stderr: stderr.trim() || `it ended with ${error.code}` });
      else resolve(error.code === 'ENOENT' || error.code === 'EACCES' ? 'missing' : 'late');
    });
  });
}
