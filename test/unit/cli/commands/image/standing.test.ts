import { expect, it } from 'vitest';
import { standingOf } from '../../../../../src/cli/commands/image/lock/standing.ts';

const digest = (algorithm: 'sha256' | 'sha512', letter: string) => ({
  algorithm,
  hex: letter.repeat(algorithm === 'sha256' ? 64 : 128),
});
const LOCKED = {
  version: '20260601-2',
  url: 'https://example.com/a.qcow2',
  format: 'qcow2',
  content: `sha256:${'a'.repeat(64)}`,
  downloaded: `sha512:${'b'.repeat(128)}`,
} as const;

it.each([
  ['current', '20260601-2', digest('sha512', 'b'), undefined],
  ['current', '20260601-2', digest('sha256', 'c'), undefined],
  ['current', '20260601-2', undefined, digest('sha256', 'a')],
  ['current', 'renamed', digest('sha512', 'b'), undefined],
  ['changed', '20260601-2', digest('sha512', 'c'), undefined],
  ['changed', '20260601-2', digest('sha512', 'b'), digest('sha256', 'c')],
  ['behind', '20260601-10', digest('sha512', 'c'), undefined],
  ['behind', '20260601-10', digest('sha256', 'c'), undefined],
  ['ahead', '20260601-1', digest('sha512', 'c'), undefined],
  ['behind', 'cccccccc', digest('sha512', 'c'), undefined],
] as const)('a lock is %s where its publisher has %s', (standing, version, downloaded, content) => {
  expect(standingOf(LOCKED, { version, downloaded, content })).toBe(standing);
});

it('has no build of a name that it does not have', () => {
  expect(standingOf(undefined, { version: '1', downloaded: undefined, content: undefined })).toBe('missing');
});
