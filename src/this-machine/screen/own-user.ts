import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/**
 * As the kernel writes 127.0.0.1; programs that speak IPv6 may come by its other form.
 * https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt
 */
const TABLES = [
  ['/proc/net/tcp', '0100007F'],
  ['/proc/net/tcp6', '0000000000000000FFFF00000100007F'],
] as const;
/** One that is closed already belongs to root there, whoever made it. */
const ESTABLISHED = '01';
/** Of one that no program has. It belongs to root there, too. */
const NO_INODE = '0';

/**
 * Whose program is at the other end of a connection over the loopback interface; undefined where the kernel
 * does not tell, or it has closed its end.
 */
export async function userAt({
  localPort = 0,
  remotePort = 0,
}: Pick<Socket, 'localPort' | 'remotePort'>): Promise<number | undefined> {
  for (const [file, loopback] of TABLES) {
    const table = await readFile(file, 'latin1').catch(() => '');
    const [own, other] = [remotePort, localPort].map(
      (one) => `${loopback}:${one.toString(16).toUpperCase().padStart(4, '0')}`,
    );
    for (const line of table.split('\n')) {
      const [, local, remote, state, , , , user, , inode] = line.trim().split(/\s+/u);
      const isHeld = state === ESTABLISHED && inode !== undefined && inode !== NO_INODE;
      if (isHeld && local === own && remote === other) return Number(user);
    }
  }
  return undefined;
}
