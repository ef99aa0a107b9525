import { createServer } from 'node:net';
import type { CanListen } from '../../hypervisor/local.ts';

const WHY: Readonly<Record<string, CanListen>> = { EADDRINUSE: 'taken', EADDRNOTAVAIL: 'no-address' };

/** Tries it, and takes it back at once. @param port undefined: any */
export function canListen(address: string, port: number | undefined): Promise<CanListen> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(WHY[error.code ?? ''] ?? 'unknown'));
    server.listen({ host: address, port: port ?? 0, exclusive: true }, () => {
      server.close(() => resolve('free'));
    });
  });
}
