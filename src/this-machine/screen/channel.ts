import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { greeted } from './greeting.ts';

/** Where the other end of a screen is. */
export type ChannelTo =
  | { readonly by: 'file'; readonly file: number }
  | { readonly by: 'address'; readonly address: string; readonly port: number }
  | {
      readonly by: 'ssh';
      readonly program: string;
      readonly words: readonly string[];
      readonly host: string;
      readonly at: { readonly address: string; readonly port: number } | { readonly socket: string };
    };

/** An open connection to a screen, which has greeted. */
export interface Channel {
  readonly stream: Duplex;
  /** Closes it, and ends what was started for it. */
  end(): void;
}

/** Why there is none, in words. */
export class NoChannel extends Error {}

/** A QEMU that hangs never answers; on a line to elsewhere ssh may ask a person. */
const WITHIN_MS = 10_000;
const MOST_WORDS = 4096;
const LOOK_EVERY_MS = 50;

type OverSsh = Extract<ChannelTo, { readonly by: 'ssh' }>;

/** @throws NoChannel */
export async function openChannel(to: ChannelTo, signal: AbortSignal): Promise<Channel> {
  if (to.by === 'ssh')
    return 'socket' in to.at ? overSocket(to, to.at.socket, signal) : overPipe(to, to.at, signal);
  const stream =
    to.by === 'file' ? new Socket({ fd: to.file }) : connect({ host: to.address, port: to.port });
  stream.on('error', () => {});
  return checked({ stream, end: () => void stream.destroy() }, WITHIN_MS);
}

async function checked(
  channel: Channel,
  withinMs: number | undefined,
  words: () => string = () => '',
): Promise<Channel> {
  const why = await greeted(channel.stream, withinMs);
  if (why === undefined) return channel;
  channel.end();
  throw new NoChannel(words() || why);
}

/** `ssh -W` is a pipe: no port is open on either machine. */
function overPipe(
  { program, words, host }: OverSsh,
  { address, port }: { readonly address: string; readonly port: number },
  signal: AbortSignal,
): Promise<Channel> {
  const ssh = start(program, ['-W', `${address}:${port}`, ...words, '--', host], 'pipe');
  const { stdin, stdout } = ssh.child;
  if (stdin === null || stdout === null) throw new NoChannel(`${program} has no streams`);
  const stream = Duplex.from({ readable: stdout, writable: stdin });
  stream.on('error', () => {});
  signal.addEventListener('abort', ssh.end, { once: true });
  const end = (): void => {
    stream.destroy();
    ssh.end();
  };
  return checked({ stream, end }, undefined, ssh.heard);
}

/** A socket in a directory that nobody else may enter, which ssh joins to the one there. */
async function overSocket(
  { program, words, host }: OverSsh,
  socket: string,
  signal: AbortSignal,
): Promise<Channel> {
  const directory = await mkdtemp(join(tmpdir(), 'plow-vnc-'));
  const near = join(directory, 'screen');
  const options = ['ExitOnForwardFailure=yes', 'ControlMaster=no', 'ControlPath=none'];
  const ssh = start(
    program,
    ['-N', '-L', `${near}:${socket}`, ...options.flatMap((option) => ['-o', option]), ...words, '--', host],
    'ignore',
  );
  signal.addEventListener('abort', ssh.end, { once: true });
  try {
    const stream = await whenThere(near, ssh);
    const end = (): void => {
      stream.destroy();
      ssh.end();
    };
    return await checked({ stream, end }, WITHIN_MS, ssh.heard);
  } finally {
    // The connection is made, or never will be.
    await rm(directory, { recursive: true, force: true });
  }
}

async function whenThere(path: string, ssh: Ssh): Promise<Socket> {
  for (;;) {
    const stream = connect(path);
    const isOpen = await new Promise<boolean>((resolve) => {
      stream.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    stream.on('error', () => {});
    if (isOpen) return stream;
    if (ssh.hasEnded()) throw new NoChannel(ssh.heard() || 'ssh ended');
    await sleep(LOOK_EVERY_MS);
  }
}

interface Ssh {
  readonly child: ReturnType<typeof spawn>;
  /** What it complained of. */
  readonly heard: () => string;
  readonly hasEnded: () => boolean;
  readonly end: () => void;
}

function start(program: string, words: readonly string[], stdio: 'pipe' | 'ignore'): Ssh {
  const child = spawn(program, words, { stdio: [stdio, stdio, 'pipe'] });
  let heard = '';
  let hasEnded = false;
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    heard = `${heard}${piece}`.slice(0, MOST_WORDS);
  });
  child.once('error', (error: NodeJS.ErrnoException) => {
    hasEnded = true;
    heard ||= error.code === 'ENOENT' ? `there is no ${program} on this machine` : error.message;
  });
  child.once('exit', () => (hasEnded = true));
  return {
    child,
    heard: () => heard.trim(),
    hasEnded: () => hasEnded,
    end: () => void child.kill('SIGTERM'),
  };
}
