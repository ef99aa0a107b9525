import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { sshChildren } from '../../ssh-children.ts';
import { greeted } from '../greeting.ts';
import { patience } from '../patience.ts';
import type { Patience } from '../patience.ts';
import { NoChannel } from '../way.ts';
import type { Channel, SshTo } from '../way.ts';
import { startSsh } from './child.ts';
import type { SshChild } from './child.ts';
import { whyNotThrough } from './words.ts';

/** For ssh to come there, and for QEMU to answer; what a person is asked meanwhile does not count. */
const WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** @param signal gives it up @throws NoChannel */
export async function openOverSsh(to: SshTo, signal: AbortSignal): Promise<Channel> {
  using limit = patience(WITHIN_MS, () => sshChildren().some(({ asks }) => asks));
  const { at } = to;
  return await ('socket' in at ? overSocket(to, at.socket, signal, limit) : overPipe(to, at, signal, limit));
}

/** `ssh -W` is a pipe: no port is open on either machine. */
async function overPipe(
  { program, words, host }: SshTo,
  { address, port }: { readonly address: string; readonly port: number },
  signal: AbortSignal,
  limit: Patience,
): Promise<Channel> {
  const where = address.includes(':') ? `[${address}]` : address;
  const ssh = startSsh(program, ['-W', `${where}:${port}`, ...words, '--', host], 'pipe');
  const { input, output } = ssh;
  if (output === null) throw new Error('it was started with a pipe');
  return checked(Duplex.from({ readable: output, writable: input }), ssh, signal, limit);
}

/**
 * A socket in a directory that nobody else may enter, which ssh joins to the one there. It ends with what it
 * runs there, which is a cat of nothing: that has its end when plow has, in whatever way. An older ssh than
 * 9.4 has no `-W` for sockets.
 */
async function overSocket(
  { program, words, host }: SshTo,
  socket: string,
  signal: AbortSignal,
  limit: Patience,
): Promise<Channel> {
  const directory = await mkdtemp(join(tmpdir(), 'plow-vnc-'));
  const near = join(directory, 'screen');
  // Forwards that the user's own configuration has for this host may fail: they are none of plow's.
  const options = ['ExitOnForwardFailure=no', 'ControlMaster=no', 'ControlPath=none'];
  const settings = options.flatMap((option) => ['-o', option]);
  try {
    const ssh = startSsh(
      program,
      ['-L', `${near}:${socket}`, ...settings, ...words, '--', host, 'cat'],
      'ignore',
    );
    const stream = await whenThere(near, ssh, signal, limit);
    return await checked(stream, ssh, signal, limit);
  } finally {
    // The connection is made, or never will be.
    await rm(directory, { recursive: true, force: true });
  }
}

async function whenThere(path: string, ssh: SshChild, signal: AbortSignal, limit: Patience): Promise<Socket> {
  for (;;) {
    const stream = connect(path);
    const isOpen = await new Promise<boolean>((resolve) => {
      stream.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    stream.on('error', () => {});
    if (isOpen) return stream;
    if (ssh.hasEnded() || signal.aborted || limit.isOver())
      throw await failed(ssh, limit.isOver() ? await limit.over : 'ssh ended', limit);
    await sleep(LOOK_EVERY_MS);
  }
}

async function checked(
  stream: Duplex,
  ssh: SshChild,
  signal: AbortSignal,
  limit: Patience,
): Promise<Channel> {
  stream.on('error', () => {});
  const end = (): void => {
    stream.destroy();
    ssh.end();
  };
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const why = await greeted(stream, limit);
  if (why === undefined) return { stream, end, whyBroken: () => ssh.whyFailed() };
  stream.destroy();
  throw await failed(ssh, why, limit);
}

/** In the words of ssh where it failed, which it may still be saying. */
async function failed(ssh: SshChild, why: string, limit: Patience): Promise<NoChannel> {
  const own = limit.isOver() ? undefined : await ssh.whyFailed();
  ssh.end();
  const { text, hint } = whyNotThrough(await ssh.heard()) ?? { text: own ?? why };
  return new NoChannel(text, hint);
}
