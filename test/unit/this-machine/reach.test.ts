import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { knock, neighbourIn } from '../../../src/this-machine/reach.ts';

const TABLE = `IP address       HW type     Flags       HW address            Mask     Device
10.77.0.60       0x1         0x2         BE:ef:0a:4d:00:3c     *        br0
10.77.0.51       0x1         0x0         00:00:00:00:00:00     *        br0
`;

it.each([
  ['10.77.0.60', 'be:ef:0a:4d:00:3c'],
  ['10.77.0.51', undefined],
  ['10.77.0.6', undefined],
])('the neighbour at %s is %s', (address, mac) => {
  expect(neighbourIn(TABLE, address)).toBe(mac);
});

it.each([
  ['127.87.65.43', 'Welcome\r\nSSH-2.0-Test\r\n', 'ssh'],
  ['127.87.65.44', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'other'],
])('who answers at %s with %j is %s', async (host, words, port22) => {
  const server = createServer((socket) => socket.on('error', () => {}).end(words));
  await new Promise<void>((resolve) => server.listen({ host, port: 22 }, resolve));
  try {
    const how = { withinMs: 2000, withHostKeys: false };
    expect(await knock(host, how)).toEqual({ port22, hostKeys: undefined, neighbour: undefined });
  } finally {
    server.close();
  }
});

it('nobody listens at a port that is closed', async () => {
  const { port22 } = await knock('127.87.65.45', { withinMs: 2000, withHostKeys: true });
  expect(port22).toBe('refused');
});
