import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** remote_procedure of libvirt's remote protocol. */
export const DOMAIN_GET_XML_DESC = 14;

/**
 * A message is its length, the length included, then program, version and procedure, all of 32 bits. RFC
 * 4506, virnetmessage.h
 */
const PROCEDURE_AT = 12;

/** A line to a libvirtd that can fall silent. */
export interface Relay {
  /** How many calls were sent since it fell silent, and before that with the procedure that it waits for. */
  readonly heard: () => number;
  /** Lets through what was held back, and all that comes. */
  readonly speak: () => void;
  readonly stop: () => Promise<void>;
}

/**
 * A Unix socket that leads to that of a libvirtd, and says nothing any more, to keepalive neither, from the
 * call on that is the n-th of a procedure: what is asked from then on stays in flight, as on a line that was
 * cut.
 * @param roundTripMs what the line adds to each answer; what is sent meanwhile is under way at the same time
 */
export async function relay(
  path: string,
  target: string,
  {
    procedure,
    nth,
    roundTripMs = 0,
  }: { readonly procedure: number; readonly nth: number; readonly roundTripMs?: number },
): Promise<Relay> {
  let heard = 0;
  let isOpen = false;
  const held: (() => void)[] = [];
  const sockets = new Set<Socket>();
  const isSilent = (): boolean => heard >= nth && !isOpen;
  const server = createServer((client) => {
    const upstream = createConnection(target);
    const count = procedures((called) => {
      if (called === procedure || isSilent()) heard += 1;
    });
    client.on('data', (chunk: Buffer) => {
      count(chunk);
      upstream.write(chunk);
    });
    const answer = (chunk: Buffer): void => {
      if (isSilent()) held.push(() => client.write(chunk));
      else client.write(chunk);
    };
    upstream.on('data', (chunk: Buffer) => {
      if (roundTripMs === 0) answer(chunk);
      else setTimeout(answer, roundTripMs, chunk);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    heard: () => heard,
    speak: () => {
      isOpen = true;
      for (const send of held.splice(0)) send();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await rm(path, { force: true });
    },
  };
}

/** @returns what takes the bytes of one direction, and tells the procedure of each message in them */
function procedures(tell: (procedure: number) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= PROCEDURE_AT + 4 && pending.length >= pending.readUInt32BE(0)) {
      tell(pending.readUInt32BE(PROCEDURE_AT));
      pending = pending.subarray(pending.readUInt32BE(0));
    }
  };
}
