import { execFile } from 'node:child_process';

const WITHIN_MS = 3000;
const MOST_BYTES = 1024 * 1024;

/**
 * Lines of public keys that the ssh-agent of the user has; none where there is no agent, no ssh-add, or no
 * answer in time. ssh-add(1)
 */
export function agentKeys(): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const options = { timeout: WITHIN_MS, maxBuffer: MOST_BYTES, killSignal: 'SIGKILL' } as const;
    execFile('ssh-add', ['-L'], options, (error, stdout) => {
      resolve(error === null ? stdout.split('\n').filter((line) => line !== '') : []);
    }).stdin?.end();
  });
}
