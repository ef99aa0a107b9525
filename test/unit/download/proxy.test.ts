import { describe, expect, it } from 'vitest';
import { isException } from '../../../src/download/no-proxy.ts';
import { proxyFor } from '../../../src/download/proxy.ts';
import { fileOf, options, serve, serveProxy } from './server.ts';
import { downloaded, failureOf } from './support.ts';

const HTTPS = new URL('https://host.example.com/x');
const HTTP = new URL('http://host.example.com/x');

describe('the proxy that the environment names', () => {
  it.each<[URL, Record<string, string>, string | undefined]>([
    [HTTPS, {}, undefined],
    [HTTPS, { HTTPS_PROXY: 'http://p:1' }, 'p:1'],
    [HTTPS, { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:2' }, 'q:2'],
    [HTTPS, { HTTPS_PROXY: 'http://p:1', https_proxy: '' }, undefined],
    [HTTPS, { HTTP_PROXY: 'http://p:1', http_proxy: 'http://p:1' }, undefined],
    [HTTPS, { ALL_PROXY: 'http://p:1' }, 'p:1'],
    [HTTPS, { HTTPS_PROXY: ' p:3128 ' }, 'p:3128'],
    [HTTP, { HTTP_PROXY: 'http://p:1' }, 'p:1'],
    [HTTP, { HTTPS_PROXY: 'http://p:1' }, undefined],
    [HTTP, { HTTP_PROXY: 'http://p:1', REQUEST_METHOD: 'GET' }, undefined],
    [HTTP, { http_proxy: 'http://p:1', REQUEST_METHOD: 'GET' }, 'p:1'],
    [HTTPS, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'example.com' }, undefined],
    [HTTPS, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'example.com', no_proxy: '' }, 'p:1'],
  ])('of %s with %j is %s', (url, variables, host) => {
    expect(proxyFor(url, variables)?.url.host).toBe(host);
  });

  it.each(['socks5://p:1', 'http://', ':::', 'http://user:geheim@'])(
    'is none of %j, which is not shown',
    (value) => {
      expect(() => proxyFor(HTTPS, { HTTPS_PROXY: value })).toThrow(
        expect.objectContaining({
          kind: 'config',
          message: 'the variable HTTPS_PROXY names no proxy that plow knows',
        }),
      );
    },
  );
});

describe('an exception', () => {
  it.each([
    ['*', 'a.b', true],
    ['', 'a.b', false],
    ['example.com', 'example.com', true],
    ['example.com', 'a.b.EXAMPLE.com', true],
    ['example.com.', 'example.com', true],
    ['example.com', 'badexample.com', false],
    ['.example.com', 'a.example.com', true],
    ['.example.com', 'example.com', true],
    ['*.example.com', 'a.example.com', true],
    ['a, Example.com  b', 'example.com', true],
    ['example.com:8443', 'example.com', false],
    ['example.com:443', 'example.com', true],
    ['.', 'a.b', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3:443', '10.1.2.3', true],
    ['10.1.2.3:80', '10.1.2.3', false],
    ['10.0.0.0/8', '10.200.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/33', '10.0.0.1', false],
    ['10.0.0.0/', '10.0.0.1', false],
    ['0.0.0.0/0', '9.9.9.9', true],
    ['2.3', '10.1.2.3', false],
    ['fd00::/8', 'fd12::1', true],
    ['::1', '::1', true],
    ['[::1]:443', '::1', true],
    ['[::1]:80', '::1', false],
    ['0:0:0:0:0:0:0:1', '::1', true],
    ['10.0.0.0/8', 'host', false],
  ])('%j has %s: %s', (list, host, expected) => {
    expect(isException(list, { host, port: '443' })).toBe(expected);
  });
});

describe('a proxy', () => {
  const FILE = Buffer.from('the file');

  it('is asked for a line to an https server, with its password, which the server never sees', async () => {
    await using server = await serve(fileOf(FILE));
    await using proxy = await serveProxy('me:pass word');
    const variables = { HTTPS_PROXY: proxy.url.replace('//', '//me:pass%20word@') };
    expect((await downloaded(`${server.url}/x`, options({ variables }))).equals(FILE)).toBe(true);
    expect(proxy.requests.map(({ method, url }) => [method, url])).toStrictEqual([
      ['CONNECT', new URL(server.url).host],
    ]);
    expect(JSON.stringify(server.requests[0]?.rawHeaders)).not.toMatch(/proxy|Basic/iu);
    const through = { ...variables, NO_PROXY: '127.0.0.0/8' };
    expect((await downloaded(`${server.url}/x`, options({ variables: through }))).equals(FILE)).toBe(true);
    expect(proxy.requests).toHaveLength(1);
  });

  it('may be spoken to over TLS', async () => {
    await using server = await serve(fileOf(FILE));
    await using proxy = await serveProxy('me:secret', { safe: true });
    const variables = { HTTPS_PROXY: proxy.url.replace('//', '//me:secret@') };
    expect((await downloaded(server.url, options({ variables }))).equals(FILE)).toBe(true);
    expect(proxy.requests).toHaveLength(1);
  });

  it('is asked itself for what is on an http server', async () => {
    await using proxy = await serveProxy('me:secret');
    const variables = { http_proxy: proxy.url.replace('//', '//me:secret@') };
    const url = 'http://u:p@nowhere.invalid/x?a=1';
    expect(String(await downloaded(url, options({ variables })))).toBe(
      'by proxy http://nowhere.invalid/x?a=1',
    );
  });

  it('mends a line that it broke', async () => {
    await using server = await serve(fileOf(FILE, { cuts: [3, 2] }));
    await using proxy = await serveProxy('me:secret');
    const variables = { HTTPS_PROXY: proxy.url.replace('//', '//me:secret@') };
    expect((await downloaded(server.url, options({ variables }))).equals(FILE)).toBe(true);
    expect(proxy.requests).toHaveLength(3);
  });

  it.each([
    ['me:wrong', 0, 'the proxy wants a user and another password (407)'],
    ['me:secret', 403, /the proxy 127\.0\.0\.1:\d+ answers 403 Forbidden/],
    ['me:secret', 502, /the proxy 127\.0\.0\.1:\d+ answers 502 Bad Gateway/],
  ])('that refuses %s with %i is told, without the password', async (user, status, words) => {
    await using proxy = await serveProxy('me:secret', { status });
    const variables = { HTTPS_PROXY: proxy.url.replace('//', `//${user}@`) };
    const { message, hint } = await failureOf(downloaded('https://example.com/x', options({ variables })));
    expect(message).toMatch(words);
    expect(`${message} ${hint ?? ''}`).not.toMatch(/secret|wrong/u);
  });

  it('that is not there is told as the proxy', async () => {
    const variables = { HTTPS_PROXY: 'http://127.0.0.1:1' };
    expect((await failureOf(downloaded('https://example.com/x', options({ variables })))).message).toBe(
      'cannot download https://example.com/x: the proxy 127.0.0.1:1: nothing listens there',
    );
  });
});
