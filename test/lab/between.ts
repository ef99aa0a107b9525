import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** The head of a message of libvirt's, of 32 bits each. virnetmessage.h, virnetprotocol.x */
export interface Message {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

/** Length (itself included), program, version, procedure, type, serial, status. RFC 4506 */
const HEADER_BYTES = 28;

/**
 * A Unix socket that leads to another one. @param join has what comes from either go to the other
 * @param closeAfterMs how long after the one end the other is told that it is over
 * @returns what ends it
 */
export async function between(
  path: string,
  target: string,
  join: (client: Socket, upstream: Socket) => void,
  closeAfterMs = 0,
): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = createConnection(target);
    join(client, upstream);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      const end = (): unknown => other.destroy();
      one.on('close', () => (closeAfterMs === 0 ? end() : setTimeout(end, closeAfterMs)));
    }
  });
  server.listen(path);
  await once(server, 'listening');
  return async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await rm(path, { force: true });
  };
}

/** @returns what takes the bytes of one direction, and tells of each message in them */
export function messages(tell: (message: Message) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER_BYTES && pending.length >= pending.readUInt32BE(0)) {
      const at = (index: number): number => pending.readUInt32BE(4 * index);
      tell({ program: at(1), procedure: at(3), type: at(4), serial: at(5), status: at(6) });
      pending = pending.subarray(pending.readUInt32BE(0));
    }
  };
}
