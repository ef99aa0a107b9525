import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { userInfo } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listenOnLoopback } from '../../../../src/this-machine/screen/loopback.ts';
import { userAt } from '../../../../src/this-machine/screen/own-user.ts';

let server: Server;
let port = 0;

beforeEach(async () => {
  server = createServer();
  port = await listenOnLoopback(server);
});
afterEach(() => void server.close());

async function met(): Promise<Socket> {
  const [near] = (await once(server, 'connection')) as [Socket];
  near.on('error', () => {});
  return near;
}

it.each(['127.0.0.1', '::ffff:127.0.0.1'])('tells who comes to %s', async (host) => {
  const meeting = met();
  const far = connect({ host, port });
  const near = await meeting;
  expect(await userAt(near)).toBe(userInfo().uid);
  far.destroy();
  near.destroy();
});

const isRoot = userInfo().uid === 0;
if (!isRoot) console.log('that another user is told apart is skipped: only root can be another user');

it.skipIf(!isRoot)('tells another user from this one', async () => {
  const meeting = met();
  const look = `exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3`;
  const far = execFile('bash', ['-c', `setpriv --reuid=65534 --clear-groups bash -c '${look}'`]);
  const near = await meeting;
  expect(await userAt(near)).toBe(65_534);
  near.destroy();
  await once(far, 'exit');
});

it('tells nobody of one that no program has taken', async () => {
  const script = `const server = require('node:net').createServer();
    server.listen(0, '127.0.0.1', () => {
      require('node:fs').writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = execFile(process.execPath, ['-e', script]);
  if (child.stdout === null) throw new Error('it has an output');
  const [text] = (await once(child.stdout, 'data')) as [string];
  const far = connect({ host: '127.0.0.1', port: Number(text) });
  await once(far, 'connect');
  // As the other end of it would ask, which is where nobody listens yet.
  const { localPort = 0, remotePort = 0 } = far;
  expect(await userAt({ localPort, remotePort })).toBeUndefined();
  far.destroy();
  child.kill('SIGKILL');
});

it('tells nobody of one that has left, which the kernel gives to root', async () => {
  const meeting = met();
  connect({ host: '127.0.0.1', port }).once('connect', function leave(this: Socket) {
    this.resetAndDestroy();
  });
  const near = await meeting;
  await expect.poll(() => userAt(near)).toBeUndefined();
  const other = met();
  connect({ host: '127.0.0.1', port }).once('connect', function leave(this: Socket) {
    this.destroy();
  });
  const half = await other;
  await expect.poll(() => userAt(half)).toBeUndefined();
});
