import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { execFile } from 'node:child_process';
import { expect, it, vi } from 'vitest';
import { knock, neighbourIn } from '../../../src/this-machine/reach.ts';

vi.mock('node:child_process', () => ({ execFile: vi.fn<() => void>() }));

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

/** A server at a port that is free. */
async function serving<T>(
  words: string,
  work: (port: number, close: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const server = createServer((socket) => socket.on('error', () => {}).end(words));
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  try {
    return await work(port, close);
  } finally {
    await close();
  }
}

const HOW = { withinMs: 2000, withHostKeys: false };

it.each([
  ['Welcome\r\nSSH-2.0-Test\r\n', 'ssh'],
  ['HTTP/1.1 400 Bad Request\r\n\r\n', 'other'],
])('who answers with %j is %s', async (words, port22) => {
  const answer = await serving(words, (port) => knock('127.0.0.1', HOW, port));
  expect(answer).toEqual({ port22, hostKeys: undefined, neighbour: undefined });
});

it('nobody listens at a port that is closed', async () => {
  const { port22 } = await serving('', async (port, close) => {
    await close();
    return knock('127.0.0.1', HOW, port);
  });
  expect(port22).toBe('refused');
});

const KEY = `ssh-ed25519 ${'A'.repeat(68)}`;

it.each([
  ['is missing', { code: 'ENOENT' }, '', undefined],
  ['gets no key', { code: 1 }, '', []],
  ['gets a key', null, `127.0.0.1 ${KEY}\n`, [KEY]],
])('ssh-keyscan %s', async (_, error, stdout, hostKeys) => {
  vi.mocked(execFile).mockImplementation(((...[, , , done]: readonly unknown[]) =>
    (done as (error: unknown, stdout: string) => void)(error, stdout)) as never);
  const answer = await serving('SSH-2.0-Test\r\n', (port) =>
    knock('127.0.0.1', { ...HOW, withHostKeys: true }, port),
  );
  expect(answer.hostKeys).toEqual(hostKeys);
});
