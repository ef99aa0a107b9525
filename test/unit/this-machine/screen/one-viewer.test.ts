import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { userInfo } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listenOnLoopback } from '../../../../src/this-machine/screen/loopback.ts';
import { NOT_YOURS, serveOne } from '../../../../src/this-machine/screen/one-viewer.ts';
import type { Serving } from '../../../../src/this-machine/screen/one-viewer.ts';

const isRoot = userInfo().uid === 0;
/** Of a screen: where it hears what viewers say. */
let [listener, screen]: [Server | undefined, Socket | undefined] = [undefined, undefined];
let serving: Serving | undefined;
let refused: string[] = [];
let heard = '';

/** @param users who may look */
async function serve(users: readonly number[]): Promise<Serving> {
  const port = await listenOnLoopback((listener = createServer()));
  const meeting = once(listener, 'connection') as Promise<[Socket]>;
  const stream = connect(port, '127.0.0.1').on('error', () => {});
  [screen] = await meeting;
  screen.on('error', () => {}).on('data', (bytes: Buffer) => (heard += bytes.toString()));
  const channel = { stream, end: () => {}, whyBroken: async () => undefined };
  serving = await serveOne(channel, { users, onRefused: (why) => refused.push(why) });
  return serving;
}

beforeEach(() => void ([refused, heard] = [[], '']));
afterEach(() => {
  serving?.close();
  screen?.destroy();
  listener?.close();
});

it('joins a viewer to a screen, with what it said before', async () => {
  const { port, ended } = await serve([userInfo().uid]);
  screen?.write('RFB 003.008\n');
  const viewer = connect(port, '127.0.0.1');
  expect(String((await once(viewer, 'data'))[0])).toBe('RFB 003.008\n');
  viewer.write('keys');
  await expect.poll(() => heard).toBe('keys');
  viewer.destroy();
  expect(await ended).toBe('viewer');
});

it('lets nobody in who types blindly and leaves, which the kernel gives to root', async () => {
  const serves = await serve([0]);
  const count = 200;
  const blind = String.raw`exec 3<>/dev/tcp/127.0.0.1/${serves.port}; printf 'RFB 003.008\n\001\001keys' >&3; exec 3>&-`;
  const words = ['bash', '-c', `for i in $(seq ${count}); do ${blind}; done`];
  const [program, ...others] = isRoot ? ['setpriv', '--reuid=65534', '--clear-groups', ...words] : words;
  execFile(program ?? '', others);
  await expect.poll(() => refused.length, { timeout: 20_000 }).toBe(count);
  expect(new Set(refused)).toEqual(new Set([NOT_YOURS]));
  expect([serves.isSeen(), heard]).toEqual([false, '']);
}, 30_000);

it('gives a viewer what a screen said early, and ends one that says too much', async () => {
  const first = await serve([userInfo().uid]);
  screen?.write(Buffer.alloc(4096));
  const viewer = connect(first.port, '127.0.0.1');
  let got = 0;
  viewer.on('data', (bytes: Buffer) => (got += bytes.length));
  await expect.poll(() => got).toBe(4096);
  viewer.destroy();
  first.close();
  const { ended } = await serve([userInfo().uid]);
  screen?.write(Buffer.alloc(4097));
  expect(await ended).toBe('screen');
});
