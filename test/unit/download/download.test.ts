import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openDownload } from '../../../src/download/download.ts';
import { fetchBytes, fetchText } from '../../../src/download/fetch-text.ts';
import { fileOf, makeCertificate, options, serve } from './server.ts';
import { all, downloaded, failureOf } from './support.ts';

const FILE = randomBytes(300_000);

describe('a file', () => {
  it.each([true, false])('comes over https: %s', async (safe) => {
    await using server = await serve(fileOf(FILE), { safe });
    const download = await openDownload(`${server.url}/a/x.qcow2?sig=1#f`, options());
    expect([download.url, download.bytes]).toStrictEqual([`${server.url}/a/x.qcow2?...`, FILE.length]);
    expect((await all(download.chunks)).equals(FILE)).toBe(true);
    const [{ headers, url } = { headers: {}, url: '' }] = server.requests;
    expect([url, headers['accept-encoding'], headers['user-agent']]).toStrictEqual([
      '/a/x.qcow2?sig=1',
      'identity',
      'plow/test',
    ]);
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  it('of a length that the server does not know', async () => {
    await using server = await serve(
      (_, response) => void response.writeHead(200).write('abc', () => response.end('def')),
    );
    const download = await openDownload(server.url, options());
    expect([download.bytes, String(await all(download.chunks))]).toStrictEqual([undefined, 'abcdef']);
  });

  it('waits for its taker, down to the socket', async () => {
    let written = 0;
    await using server = await serve((_, response) => {
      const part = Buffer.alloc(65_536);
      response.writeHead(200, { 'content-length': 1000 * part.length });
      const more = (): void => {
        while (written < 1000) {
          written += 1;
          if (!response.write(part)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const download = await openDownload(server.url, options({ patience: { stallMs: 100 } }));
    const chunks = download.chunks[Symbol.asyncIterator]();
    await chunks.next();
    // Longer than silence may last: it is the taker's.
    await sleep(400);
    expect(written).toBeLessThan(500);
    await chunks.return?.();
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  it('that nobody wants any more leaves no socket', async () => {
    await using server = await serve(
      (_, response) => void response.writeHead(200, { 'content-length': 10 }).write('a'),
    );
    (await openDownload(server.url, options())).close();
    await expect.poll(() => server.sockets.size).toBe(0);
  });
});

describe('an abort', () => {
  it.each(['before', 'in the head', 'in the body', 'in a pause'])('%s ends it at once', async (when) => {
    await using server = await serve((_, response) => {
      if (when === 'in the body') response.writeHead(200, { 'content-length': 10 }).write('a');
      if (when === 'in a pause') response.writeHead(503).end();
    });
    const controller = new AbortController();
    const reason = new Error('interrupted');
    if (when === 'before') controller.abort(reason);
    else setTimeout(() => controller.abort(reason), 100);
    const patience = { firstPauseMs: 60_000 };
    await expect(downloaded(server.url, options({ signal: controller.signal, patience }))).rejects.toBe(
      reason,
    );
    await expect.poll(() => server.sockets.size).toBe(0);
  });
});

describe('what a server answers', () => {
  it.each([
    [404, 'the server has no such file (404)'],
    [403, 'the server does not give it to everybody (403)'],
    [401, 'the server wants a user and a password (401)'],
    [418, "the server answers 418 I'm a Teapot"],
    [503, 'the server answers 503 Service Unavailable'],
  ])('%i in words', async (status, words) => {
    await using server = await serve((_, response) => void response.writeHead(status).end('x'));
    const error = await failureOf(downloaded(`${server.url.replace('//', '//me:secret@')}/x`, options()));
    expect(error.message).toBe(`cannot download ${server.url}/x: ${words}`);
    expect([error.kind, error.exitCode]).toStrictEqual(['storage', 5]);
    expect(error.hint).not.toBe(undefined);
    expect(server.requests).toHaveLength(status === 503 ? 5 : 1);
  });

  it.each([
    [{ 'content-type': 'text/html; charset=utf-8' }, 'the server sends a web page, not a file'],
    [{ 'content-encoding': 'gzip' }, 'the server packs it on the way (gzip), though it was asked not to'],
  ])('%j is refused', async (headers, words) => {
    await using server = await serve(fileOf(FILE, { headers }));
    expect((await failureOf(downloaded(server.url, options()))).message).toBe(
      `cannot download ${server.url}/: ${words}`,
    );
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  it('is not asked for what is no URL, or none of the web', async () => {
    expect((await failureOf(downloaded('x y', options()))).message).toBe(
      'cannot download: what was given is no URL',
    );
    expect((await failureOf(downloaded('ftp://a/b', options()))).message).toBe(
      'cannot download ftp://a/b: plow downloads over https and http only',
    );
  });

  it('is trusted with its certificate only', async () => {
    await using server = await serve(fileOf(FILE));
    const error = await failureOf(downloaded(server.url, options({ ca: undefined })));
    const { host } = new URL(server.url);
    expect(error.message).toBe(
      `cannot download ${server.url}/: ${host} cannot be trusted: its certificate is signed by itself`,
    );
    expect(error.hint).toContain('NODE_EXTRA_CA_CERTS');
    const certificate = makeCertificate('DNS:elsewhere');
    await using other = await serve(fileOf(FILE), { certificate });
    expect((await failureOf(downloaded(other.url, options({ ca: certificate.cert })))).message).toContain(
      'its certificate is that of another name',
    );
  });

  it('is nothing where nothing listens, and in a name that nobody knows', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => void closed.close(resolve));
    expect((await failureOf(downloaded(`https://127.0.0.1:${port}`, options()))).message).toContain(
      'nothing listens there',
    );
    expect((await failureOf(downloaded('https://x.invalid/a', options()))).message).toMatch(
      /x\.invalid: .* DNS/,
    );
  });

  it('may be silence', async () => {
    await using server = await serve(() => {});
    const patience = { stallMs: 50, firstPauseMs: 1 };
    expect((await failureOf(downloaded(server.url, options({ patience })))).message).toContain(
      'nothing came for 0.05 seconds',
    );
    expect(server.requests).toHaveLength(5);
  });
});

describe('a redirect', () => {
  it('is followed, with the password to the same server only', async () => {
    await using other = await serve(fileOf(FILE));
    await using server = await serve((request, response) => {
      const location = request.url === '/a' ? '/b' : `${other.url}/c`;
      response.writeHead(302, { location }).end();
    });
    const download = await openDownload(`${server.url.replace('//', '//me:pass%20word@')}/a`, options());
    expect(download.url).toBe(`${other.url}/c`);
    expect((await all(download.chunks)).equals(FILE)).toBe(true);
    const basic = `Basic ${Buffer.from('me:pass word').toString('base64')}`;
    expect(server.requests.map(({ headers }) => headers.authorization)).toStrictEqual([basic, basic]);
    expect(other.requests[0]?.headers.authorization).toBe(undefined);
  });

  it.each([
    ['/x', 'it was sent on 20 times, and still not to a file', 21],
    [
      'http://example.com/y',
      'the server sends it on from https to http://example.com/y, where anybody on the way may change it',
      1,
    ],
    ['http://', 'the server sends it on to an address that is none', 1],
    ['file:///etc/passwd', 'plow downloads over https and http only', 1],
  ])('to %s is refused', async (location, words, requests) => {
    await using server = await serve((_, response) => void response.writeHead(301, { location }).end());
    const { message } = await failureOf(downloaded(`${server.url}/x`, options()));
    expect(message.replace(/^.*?: (?=the server|it was|plow)/u, '')).toBe(words);
    expect(server.requests).toHaveLength(requests);
  });
});

describe('a small file as text', () => {
  it('comes whole, begun anew where its line breaks', async () => {
    await using server = await serve(fileOf(Buffer.from('abc ü'), { etag: '', cuts: [2, 3] }));
    expect(await fetchText(server.url, options(), 100)).toBe('abc ü');
    expect(server.requests).toHaveLength(3);
    expect(Buffer.from(await fetchBytes(server.url, options(), 6)).equals(Buffer.from('abc ü'))).toBe(true);
  });

  it.each([{}, { 'transfer-encoding': 'chunked' }])('is refused where it is large: %j', async (headers) => {
    await using server = await serve((_, response) => {
      if ('transfer-encoding' in headers) response.flushHeaders();
      response.end(FILE);
    });
    expect((await failureOf(fetchText(`${server.url}/i`, options(), 1024))).message).toBe(
      `cannot download ${server.url}/i: it has more than 1 KiB, which no such file has`,
    );
    await expect.poll(() => server.sockets.size).toBe(0);
  });
});
