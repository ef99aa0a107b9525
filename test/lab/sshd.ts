import { fileURLToPath } from 'node:url';
import { run } from '../run.ts';

const SSHD = fileURLToPath(new URL('sshd.sh', import.meta.url));

/** Has Debian's sshd at hand: downloads it where there is a network. */
export async function fetchSshd(): Promise<void> {
  await run(SSHD, ['-V']);
}

/**
 * Shell commands that give a host of the lab a home of its own for root, and the user that sshd wants: nobody
 * else sees them.
 * @param accounts further lines of passwd(5)
 */
export function homeForSsh(...accounts: readonly string[]): string {
  const lines = ['sshd:x:65533:65533::/run/sshd:/bin/false', ...accounts];
  return `mount -t tmpfs none /root; mkdir -m 700 /root/.ssh; mkdir -p /run/sshd; cp /etc/passwd /run/passwd
    printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} >> /run/passwd
    mount --bind /run/passwd /etc/passwd`;
}

/** What takes that back. */
export const NO_HOME_FOR_SSH = 'umount /etc/passwd /root; rm -r /run/sshd /run/passwd';

/** A shell command that starts sshd, whose pid is in /run/sshd.pid. @param options as in sshd_config(5) */
export function serveSsh(address: string, options: readonly string[]): string {
  const all = [
    `ListenAddress=${address}`,
    'UsePAM=no',
    'StrictModes=no',
    'PermitRootLogin=yes',
    'PidFile=/run/sshd.pid',
    ...options,
  ];
  return `${SSHD} -f /dev/null ${all.map((option) => `-o '${option}'`).join(' ')}`;
}
