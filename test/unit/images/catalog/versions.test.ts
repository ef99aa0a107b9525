import { describe, expect, it } from 'vitest';

import { compareVersions, newestIn } from '../../../../src/images/catalog/versions.ts';

describe('versions', () => {
  it.each([
    ['3.23.2-r0', '3.23.10-r0'],
    ['3.23.2-r0', '3.23.2-r1'],
    ['20261002', '20261002.1'],
    ['20261002.9', '20261002.10'],
    ['9.8-20261201.0', '9.10-20260525.0'],
    ['1.0-beta', '1.0-rc'],
  ])('%s is older than %s', (older, newer) => {
    expect(Math.sign(compareVersions(older, newer))).toBe(-1);
    expect(Math.sign(compareVersions(newer, older))).toBe(1);
    expect(compareVersions(older, older)).toBe(0);
    const pattern = /^(?<version>.+)$/gmu;
    expect(newestIn(`${newer}\n${older}\n`, pattern)?.version).toBe(newer);
    expect(newestIn(`${older}\n${newer}\n`, pattern)?.version).toBe(newer);
  });

  it('are none in a text without one', () => {
    expect(newestIn('x', /(?<version>\d+)/gu)).toBeUndefined();
  });
});
