import { expect, it } from 'vitest';
import { lockedBuild } from '../../../../../src/cli/commands/image/lock/locked-build.ts';
import { standingOf } from '../../../../../src/cli/commands/image/lock/standing.ts';
import { RECORD } from '../../../vm/image-store/records.ts';

const [own, packed] = ['a'.repeat(64), 'b'.repeat(64)];
const content = { algorithm: 'sha256', hex: own } as const;
const downloaded = { algorithm: 'sha256', hex: packed } as const;
const url = 'https://example.com/own.qcow2.xz';

it('has what another host can pull, where the image came from elsewhere', () => {
  const record = {
    ...RECORD,
    version: 'aaaaaaaaaaaa',
    url: 'imported://own.qcow2',
    content: `sha256:${own}`,
    downloaded: `sha256:${own}`,
  };
  const pulled = { status: 'exists', path: '/images/own.qcow2', record } as const;
  const build = lockedBuild({ url, version: '43.1', downloaded }, pulled);
  expect(build).toMatchObject({
    url,
    version: '43.1',
    downloaded: `sha256:${packed}`,
    content: `sha256:${own}`,
  });
  expect(lockedBuild({ url, version: undefined, downloaded: undefined }, pulled)).not.toHaveProperty(
    'downloaded',
  );
  expect(standingOf(build, { version: '43.1', downloaded, content })).toBe('current');
  const other = { ...downloaded, hex: own };
  expect(standingOf(build, { version: '43.1', downloaded: other, content })).toBe('current');
});
