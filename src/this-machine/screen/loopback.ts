import type { Server } from 'node:net';

/** An address that no other machine reaches. */
export const LOOPBACK = '127.0.0.1';

/** Has a server listen at a free port of this machine alone. @returns the port @throws the system's errors */
export async function listenOnLoopback(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, LOOPBACK, resolve);
  });
  const address = server.address();
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('a server that listens has a port');
}
