import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { listenOnLoopback } from '../../../../src/this-machine/screen/loopback.ts';
import { acceptOf, WebSocketBytes } from '../../../../src/this-machine/screen/web/web-socket.ts';

interface Pair {
  /** The client's end, without a mask or a frame. */
  readonly client: Socket;
  readonly server: WebSocketBytes;
  /** What the server has read. */
  readonly read: () => string;
  /** What the client has got. */
  readonly got: () => Buffer;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** @param head what came with the request */
async function pair(head = Buffer.alloc(0)): Promise<Pair> {
  const listener = createServer();
  const port = await listenOnLoopback(listener);
  const meeting = once(listener, 'connection') as Promise<[Socket]>;
  const client = connect(port, '127.0.0.1').on('error', () => {});
  const [socket] = await meeting;
  const server = new WebSocketBytes(socket, head);
  let [read, got] = [Buffer.alloc(0), Buffer.alloc(0)];
  server.on('data', (bytes: Buffer) => (read = Buffer.concat([read, bytes])));
  client.on('data', (bytes: Buffer) => (got = Buffer.concat([got, bytes])));
  closing.push(() => {
    client.destroy();
    server.destroy();
    listener.close();
  });
  return { client, server, read: () => read.toString('latin1'), got: () => got };
}

const MASK = [0x12, 0x34, 0x56, 0x78];

/** A frame as a client sends it. */
function frame(
  opcode: number,
  text: string,
  { isFinal = true, long = 0, length = text.length } = {},
): Buffer {
  const size = long === 2 ? Buffer.from([0, 0]) : Buffer.alloc(long);
  if (long === 2) size.writeUInt16BE(length);
  if (long === 8) size.writeBigUInt64BE(BigInt(length));
  const short = long === 0 ? length : long === 2 ? 126 : 127;
  const masked = Buffer.from(text, 'latin1').map((byte, at) => byte ^ (MASK[at % 4] ?? 0));
  return Buffer.concat([
    Buffer.from([(isFinal ? 0x80 : 0) | opcode, 0x80 | short]),
    size,
    Buffer.from(MASK),
    masked,
  ]);
}

it('answers a key as RFC 6455 has it', () => {
  expect(acceptOf('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

it.each([
  ['one message', [frame(2, 'hello')], 'hello'],
  ['a text', [frame(1, 'hello')], 'hello'],
  [
    'a message in pieces',
    [frame(2, 'he', { isFinal: false }), frame(0, 'll', { isFinal: false }), frame(0, 'o')],
    'hello',
  ],
  ['lengths of two and of eight bytes', [frame(2, 'hel', { long: 2 }), frame(2, 'lo', { long: 8 })], 'hello'],
  ['a long one', [frame(2, 'x'.repeat(70_000), { long: 8 })], 'x'.repeat(70_000)],
  ['empty ones', [frame(2, ''), frame(2, 'hello'), frame(0, '')], 'hello'],
  ['one behind a pong', [frame(10, 'old'), frame(2, 'hello')], 'hello'],
])('reads %s, however it comes', async (_, frames, expected) => {
  const bytes = Buffer.concat(frames);
  const whole = await pair();
  whole.client.write(bytes);
  await expect.poll(() => whole.read()).toBe(expected);
  const inHead = await pair(bytes.subarray(0, 9));
  inHead.client.write(bytes.subarray(9));
  await expect.poll(() => inHead.read()).toBe(expected);
  const single = await pair();
  single.client.setNoDelay();
  for (const byte of bytes.subarray(0, 60)) single.client.write(Buffer.from([byte]));
  single.client.write(bytes.subarray(60));
  await expect.poll(() => single.read()).toBe(expected);
});

it('answers a ping with what was in it', async () => {
  const { client, got, read } = await pair();
  client.write(Buffer.concat([frame(9, 'are you there'), frame(2, 'x')]));
  await expect.poll(() => got().toString('latin1')).toBe('\u008A\u000Dare you there');
  expect(read()).toBe('x');
});

it('ends with a close of the other end, and is told to the other end when it ends', async () => {
  const left = await pair();
  left.client.write(frame(8, ''));
  await once(left.server, 'close');
  expect([...left.got()]).toEqual([0x88, 0]);
  const over = await pair();
  over.server.end();
  await expect.poll(() => [...over.got()]).toEqual([0x88, 0]);
  const gone = await pair();
  gone.client.destroy();
  await once(gone.server, 'close');
});

it.each([
  ['a frame without a mask', Buffer.from([0x82, 0x01, 0x41])],
  ['a frame that is too long', frame(2, '', { long: 8, length: 2 ** 20 + 1 })],
  [
    'a length beyond all numbers',
    Buffer.from([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
  ],
  ['words of another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
])('leaves who sends %s, and takes nothing of it', async (_, bytes) => {
  const { client, server, read } = await pair();
  client.write(bytes);
  await once(server, 'close');
  expect(read()).toBe('');
});

it('keeps no more than a frame of what it does not understand', async () => {
  const { client, server, read } = await pair();
  for (const opcode of [3, 7, 11, 15]) client.write(frame(opcode, 'odd'));
  client.write(frame(2, 'sound'));
  await expect.poll(() => read()).toBe('sound');
  expect(server.destroyed).toBe(false);
});

it.each([1, 125, 126, 65_535, 65_536])('sends %i bytes in a frame', async (length) => {
  const { server, got } = await pair();
  server.write(Buffer.alloc(length, 7));
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  await expect.poll(() => got().length).toBe(head + length);
  expect(got()[0]).toBe(0x82);
  expect(
    got()
      .subarray(head)
      .every((byte) => byte === 7),
  ).toBe(true);
});
