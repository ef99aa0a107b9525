import { describe, expect, it } from 'vitest';
import { iso, named } from './images.ts';
import { blkid, isoinfo } from './judges.ts';

describe('names', () => {
  it.each([
    [
      'the files of a seed',
      named('user-data', 'meta-data', 'network-config'),
      ['META_DATA.', 'NETWORK_CONFIG.', 'USER_DATA.'],
    ],
    ['names that differ in case', named('a', 'A'), ['A.', 'A_2.']],
    ['names that differ outside ASCII', named('ä.txt', 'ö.txt', 'ü.txt'), ['_.TXT', '__2.TXT', '__3.TXT']],
    ['a name that looks like a numbered one', named('A', 'A_2', 'a'), ['A.', 'A_2.', 'A_3.']],
    [
      'names cut to 30 characters',
      named('x'.repeat(40), 'x'.repeat(41)),
      [`${'X'.repeat(30)}.`, `${'X'.repeat(28)}_2.`],
    ],
    ['a long extension', named(`${'x'.repeat(40)}.configuration`), [`${'X'.repeat(22)}.CONFIGUR`]],
    ['a leading dot', named('.profile'), ['_PROFILE.']],
    ['several dots', named('a.b.c'), ['A_B.C']],
    ['the order by name before extension', named('ab', 'a.txt', 'a', 'a0.b'), ['A.', 'A.TXT', 'A0.B', 'AB.']],
    ['an order of its own', named('B', 'a'), ['A.', 'B.']],
  ])('The primary tree has %s as d-characters, in order.', (_, files, expected) => {
    expect(isoinfo(iso({ files }), '-f')).toBe(expected.map((name) => `/${name};1\n`).join(''));
  });

  it.each([
    ['by code, digits and capitals first', named('b', 'a', 'B', '1'), ['1', 'B', 'a', 'b']],
    ['by name before extension', named('a-b.txt', 'a.txt', 'a', 'a-b'), ['a', 'a.txt', 'a-b', 'a-b.txt']],
  ])('The Joliet tree is in order %s.', (_, files, expected) => {
    expect(isoinfo(iso({ files }), '-J', '-f')).toBe(expected.map((name) => `/${name}\n`).join(''));
  });

  it.each([
    ['cidata', 'the label cloud-init looks for'],
    ['CIDATA_16-digits', 'the longest'],
    ['x', 'the shortest'],
  ])('blkid finds the volume id %s as it was given: %s.', (volumeId) => {
    const lines = blkid(iso({ volumeId })).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([`LABEL=${volumeId}`, 'TYPE=iso9660', 'VERSION=Joliet\\ Extension']),
    );
  });
});
