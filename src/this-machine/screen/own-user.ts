import { readFile } from 'node:fs/promises';

/** As the kernel writes 127.0.0.1. https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt */
const LOOPBACK = '0100007F';

/**
 * Whose program is at the other end of a connection over the loopback interface; undefined where the kernel
 * does not tell.
 */
export async function userAt(port: {
  readonly near: number;
  readonly far: number;
}): Promise<number | undefined> {
  const table = await readFile('/proc/net/tcp', 'latin1').catch(() => '');
  const [own, other] = [port.far, port.near].map(
    (one) => `${LOOPBACK}:${one.toString(16).toUpperCase().padStart(4, '0')}`,
  );
  for (const line of table.split('\n')) {
    const [, local, remote, , , , , user] = line.trim().split(/\s+/u);
    if (local === own && remote === other && user !== undefined) return Number(user);
  }
  return undefined;
}
