import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { configHoldsSecrets } from '../../../../src/vm/export/ignition/secrets.ts';

const base64 = (content: string | Buffer): string =>
  `data:;base64,${Buffer.from(content).toString('base64')}`;

function config(source: string, compression?: string): string {
  const contents = { source, compression };
  return JSON.stringify({ ignition: { version: '3.0.0' }, storage: { files: [{ path: '/a', contents }] } });
}

const merging = (inner: string): string =>
  JSON.stringify({ ignition: { version: '3.0.0', config: { merge: [{ source: base64(inner) }] } } });

describe('a config of Ignition', () => {
  it.each([
    ['a percent-encoded one', config('data:,PASSWORD%3Dhunter2')],
    ['one in base64', config(base64('password: hunter2'))],
    ['one that is packed', config(base64(gzipSync('password: hunter2')), 'gzip')],
    ['one in a config that is merged', merging(config(base64('password: hunter2')))],
    ['one that stands open', '{"passwd": {"users": [{"passwordHash": "x"}]}}'],
    ['what is no base64', config('data:;base64,%%%')],
    ['what is not packed', config(base64('abc'), 'gzip')],
    ['what is no text', config(base64(Buffer.from([0xff, 0xfe])))],
    ['what is no JSON', 'hello'],
  ])('holds a secret: %s', (_, text) => {
    expect(configHoldsSecrets(text)).toBe(true);
  });

  it.each([
    ['a host name', config('data:,web%0A')],
    ['a text in base64', config(base64('hello'))],
    ['a URL', config('https://example.org/a.sh')],
  ])('holds none: %s', (_, text) => {
    expect(configHoldsSecrets(text)).toBe(false);
  });
});
