import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import type { Channel } from './way.ts';
import { joiner } from './joiner.ts';
import { listenOnLoopback } from './loopback.ts';
import { userAt } from './own-user.ts';

type End = 'viewer' | 'screen';

const nobody: (end: End) => void = () => {};
const GREETING = 'RFB 003.008\n';
/** How long somebody who is sent away may take to say what he speaks. */
const REFUSAL_MS = 2000;

export const NOT_YOURS = 'this screen is for the user who started plow vnc alone';

/** Who may look, and who hears of those that were sent away. */
export interface Door {
  /** Their numbers; others of this machine are sent away. */
  readonly users: readonly number[];
  readonly onRefused: (why: string) => void;
}

export interface Serving {
  readonly port: number;
  /** `viewer`: whoever looked has left; `screen`: the screen is gone. */
  readonly ended: Promise<'viewer' | 'screen'>;
  /** Whether somebody has been let in. */
  isSeen(): boolean;
  close(): void;
}

/** Listens on a loopback port for one viewer, and joins it to a screen. @throws the system's errors */
export async function serveOne({ stream }: Channel, { users, onRefused }: Door): Promise<Serving> {
  let viewer: Socket | undefined;
  const refuse = (socket: Socket, why: string): void => {
    onRefused(why);
    sendAway(socket, why);
  };
  let end = nobody;
  const ended = new Promise<End>((resolve) => (end = resolve));
  stream.once('close', () => end('screen')).once('end', () => end('screen'));
  const join = joiner(stream);
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    void userAt(socket).then((user) => {
      if (user === undefined || !users.includes(user)) return refuse(socket, NOT_YOURS);
      if (viewer !== undefined) return refuse(socket, 'somebody looks at this screen already');
      viewer = socket;
      socket.once('close', () => end('viewer'));
      join(socket);
      return socket.resume();
    });
  });
  return {
    port: await listenOnLoopback(server),
    ended,
    isSeen: () => viewer !== undefined,
    close: () => {
      server.close();
      viewer?.destroy();
    },
  };
}

/** In words that a viewer shows: it is let in by none of no ways. RFC 6143, 7.1.2 */
function sendAway(socket: Socket, why: string): void {
  const reason = Buffer.from(why);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(reason.length, 1);
  socket.write(GREETING);
  const timer = setTimeout(() => socket.destroy(), REFUSAL_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.once('data', () => socket.end(Buffer.concat([head, reason])));
  socket.resume();
}
