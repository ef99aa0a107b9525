import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LineBroke } from '../../../src/download/failure.ts';
import { fileOf, options, serve } from './server.ts';
import { downloaded, failureOf } from './support.ts';

const FILE = randomBytes(300_000);

/** The first answer is cut, the second is this. */
async function second(status: number, headers: Record<string, string | number>): Promise<Error> {
  let count = 0;
  await using server = await serve((request, response) => {
    count += 1;
    if (count === 1) return fileOf(FILE, { cuts: [0] })(request, response);
    response.writeHead(status, headers).end(Buffer.alloc(Number(headers['content-length'] ?? 0)));
  });
  return await failureOf(downloaded(server.url, options()));
}

/** Bytes as they are, on a socket. */
async function raw(text: string): Promise<Buffer> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(text));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await downloaded(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, options());
  } finally {
    await new Promise((resolve) => void server.close(resolve));
  }
}

describe('a line that breaks', () => {
  it('is mended, wherever it is cut', async () => {
    const small = FILE.subarray(0, 50_000);
    for (let cut = 0; cut < small.length; cut += 2500) {
      const broken: string[] = [];
      await using server = await serve(fileOf(small, { cuts: [cut, 1000, 1] }));
      const bytes = await downloaded(server.url, options({ onBreak: (why) => broken.push(why) }));
      expect(bytes.equals(small), `cut at ${cut}`).toBe(true);
      expect(broken.length).toBe(server.requests.length - 1);
      expect(server.requests.slice(1).every(({ headers }) => headers['if-range'] === '"one"')).toBe(true);
    }
  });

  it('is given up after so many attempts without a byte', async () => {
    await using server = await serve(fileOf(FILE, { cuts: [1000, 0, 0, 0, 0, 0, 0, 0] }));
    const { message } = await failureOf(downloaded(server.url, options()));
    expect(message).toBe(`cannot download ${server.url}/: the line broke, 5 times in a row without a byte`);
    expect(server.requests).toHaveLength(6);
  });

  it('is one that falls silent, too', async () => {
    let count = 0;
    const file = fileOf(FILE);
    await using server = await serve((request, response) => {
      count += 1;
      if (count > 1) return file(request, response);
      response.writeHead(200, { 'content-length': FILE.length, etag: '"one"' }).write(FILE.subarray(0, 999));
    });
    const broken: string[] = [];
    const patience = { stallMs: 100, firstPauseMs: 1 };
    const bytes = await downloaded(server.url, options({ patience, onBreak: (why) => broken.push(why) }));
    expect(bytes.equals(FILE)).toBe(true);
    expect(broken).toStrictEqual(['nothing came for 0.1 seconds']);
  });

  it.each([
    ['W/"weak"', {}],
    ['', {}],
    ['', { 'last-modified': new Date().toUTCString() }],
    ['W/"weak"', { 'last-modified': 'Sat, 01 Jan 2022 00:00:00 GMT' }],
  ])('is not mended where ETag is %j, with %j', async (etag, headers) => {
    await using server = await serve(fileOf(FILE, { etag, cuts: [1000], headers }));
    const error = await failureOf(downloaded(server.url, options()));
    expect(error).toBeInstanceOf(LineBroke);
    expect(error.message).toContain('the server does not say how to go on with the same file');
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [200, { etag: '"two"' }, 'the file changed on the server while it was downloaded'],
    [200, { etag: '"one"' }, 'the line broke in the middle, and the server does not go on from the middle'],
    [
      206,
      { 'content-range': 'bytes 5-299999/300000' },
      'the server goes on at another place than it was asked to',
    ],
    [206, {}, 'the server goes on at another place than it was asked to'],
    [206, { 'content-range': 'bytes 0-299999/300001' }, 'the file changed on the server'],
    [206, { 'content-range': 'bytes 0-299999/300000', etag: '"two"' }, 'the file changed on the server'],
    [
      206,
      { 'content-range': 'bytes 0-299999/300000', 'content-length': 5 },
      'contradicts itself about what is missing',
    ],
    [404, {}, 'the server has no such file (404)'],
    [416, {}, 'the file on the server is shorter than what was downloaded of it (416)'],
  ])('and goes on with %i %j is told', async (status, headers, words) => {
    expect((await second(status, headers)).message).toContain(words);
  });

  it('goes on by a date that is old enough', async () => {
    const date = 'Sat, 01 Jan 2022 00:00:00 GMT';
    await using server = await serve((request, response) => {
      const from = Number(/\d+/u.exec(request.headers.range ?? '0')?.[0]);
      const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${FILE.length - 1}/*` };
      response.writeHead(from === 0 ? 200 : 206, {
        'content-length': FILE.length - from,
        'last-modified': date,
        ...range,
      });
      if (from > 0) response.end(FILE.subarray(from));
      else response.write(FILE.subarray(0, 10_000), () => request.socket.destroy());
    });
    expect((await downloaded(server.url, options())).equals(FILE)).toBe(true);
    expect(server.requests[1]?.headers['if-range']).toBe(date);
  });
});

describe('what is sent against the announced length', () => {
  it('is an error, less or more', async () => {
    expect(String(await raw('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'))).toBe('abc');
    await expect(raw('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc')).rejects.toThrow('the line broke');
    await expect(raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')).rejects.toThrow(
      'the line broke',
    );
    await expect(raw('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd')).rejects.toThrow('more came than');
    await expect(raw('SSH-2.0-OpenSSH\r\n')).rejects.toThrow('is no HTTP');
  });
});
