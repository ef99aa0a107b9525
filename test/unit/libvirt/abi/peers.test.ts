import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { peersOf } from '../../../../src/libvirt/abi/peers.ts';
import { openFiles } from '../../../../src/this-machine/server.ts';

const directory = mkdtempSync(join(tmpdir(), 'plow-peers-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Who listens, as far as a client of this process can tell that is connected to a socket of that name. */
async function peersBehind(name: string): Promise<ReturnType<typeof peersOf>> {
  const server = createServer();
  server.listen(name === '' ? { port: 0, host: '127.0.0.1' } : { path: join(directory, name) });
  await once(server, 'listening');
  const address = server.address();
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = typeof address === 'string' ? connect(address) : connect(address?.port ?? 0, '127.0.0.1');
  const [other] = await accepted;
  const peers = peersOf(openFiles());
  client.destroy();
  other.destroy();
  server.close();
  await once(server, 'close');
  return peers;
}

describe('who listens at the sockets of libvirt', () => {
  it.each(['libvirt-sock', 'libvirt-sock-ro', 'virtqemud-sock', 'virtqemud-sock-ro'])(
    'is told of %s',
    async (name) => {
      expect(await peersBehind(name)).toStrictEqual([{ pid: process.pid }]);
    },
  );

  it.each(['libvirt-sock.d', 'docker.sock', 'virtlogd-sock', ''])('is not asked of %j', async (name) => {
    expect(await peersBehind(name)).toStrictEqual([]);
  });

  it('is nobody without a connection, and of what is no socket', () => {
    expect(peersOf(openFiles())).toStrictEqual([]);
    expect(peersOf([-1, 0, 1, 2, 1_000_000])).toStrictEqual([]);
  });
});
