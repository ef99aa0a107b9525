import { afterEach, describe, expect, it, vi } from 'vitest';
import { bothEndian } from '../../../src/iso9660/fields.ts';
import type { IsoFile } from '../../../src/iso9660/write-iso.ts';
import { iso, named, seed, text } from './images.ts';
import { blkid, isoinfo, xorrisoExtract } from './judges.ts';

const SECTOR_BYTES = 2048;
const PRIMARY_DESCRIPTOR = 16 * SECTOR_BYTES;
const JOLIET_DESCRIPTOR = 17 * SECTOR_BYTES;

/** Bytes that differ from place to place and from file to file, so that none can stand in for another. */
function ofLength(name: string, length: number): IsoFile {
  const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8) + name.length) % 251);
  return { name, bytes };
}

function many(fill: string): IsoFile[] {
  return Array.from({ length: 200 }, (_, index) => text(String(index).padEnd(64, fill), `file ${index}\n`));
}

/** ECMA-119 9.4, of a root directory alone. */
function pathTable(sector: Uint8Array, parent: readonly number[]): Buffer {
  return Buffer.from([1, 0, ...sector, ...parent, 0, 0]);
}

/** Of `.`, `..` and the files, in the order of the directory. */
function extents(listing: string): { readonly byteLength: number; readonly sector: number }[] {
  return [...listing.matchAll(/ (\d+) Mar +4 2026 \[ *(\d+) 0[02]\]/g)].map(([, byteLength, sector]) => ({
    byteLength: Number(byteLength),
    sector: Number(sector),
  }));
}

const fileSets: readonly (readonly [string, readonly IsoFile[]])[] = [
  ['the three files of a seed', seed],
  ['no files', []],
  ['an empty file between others', [text('a', 'a'), text('b', ''), text('c', 'c')]],
  ['files around the end of a sector', [2047, 2048, 2049, 4096].map((n) => ofLength(`${n}`, n))],
  ['a file of 1 MiB', [text('after', 'after'), ofLength('big', 2 ** 20)]],
  ['200 files with names of 64 characters', many('n')],
  ['200 files with names of 64 characters in 189 bytes and more', many('字')],
  ['names outside ASCII', named('größe.txt', 'данные', '日本', 'é', 'e\u0301')],
  ['names with dots and spaces', named('.hidden', 'two words', 'a.b.c', '..x', 'a', 'A')],
];

describe('what readers find', () => {
  for (const tree of ['Rock Ridge', 'Joliet'] as const) {
    it.each(fileSets)(`xorriso gives back %s through ${tree}.`, (_, files) => {
      const expected = new Map(files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString('latin1')]));
      expect(xorrisoExtract(iso({ files }), tree).files).toEqual(expected);
    });
  }

  it.each([
    ['Rock Ridge', ['-R', '-x', '/user-data']],
    ['Joliet', ['-J', '-x', '/user-data']],
    ['primary', ['-x', '/USER_DATA.;1']],
  ])('isoinfo reads a file by its %s name.', (_, flags) => {
    expect(isoinfo(iso(), ...flags)).toBe('#cloud-config\n{}\n');
  });

  it.each([
    ['-R', 'ö'],
    ['-J', 'o'],
  ])('isoinfo %s lists 200 long names, whose directory has several sectors.', (flag, fill) => {
    const files = many(fill);
    const image = iso({ files });
    const names = isoinfo(image, flag, '-f').trimEnd().split('\n');
    expect(names.toSorted()).toEqual(files.map(({ name }) => `/${name}`).toSorted());
    const [root] = extents(isoinfo(image, flag, '-l'));
    expect(root?.byteLength).toBeGreaterThan(2 * SECTOR_BYTES);
    expect((root?.byteLength ?? 1) % SECTOR_BYTES).toBe(0);
  });

  it('The files come last, for libarchive refuses a continuation area behind a file it belongs to.', () => {
    const image = iso({ files: many('n') });
    const [root, , ...files] = extents(isoinfo(image, '-l'));
    const first = Math.min(...files.map(({ sector }) => sector));
    expect(root?.sector).toBe(19);
    expect(first).toBe(image.length / SECTOR_BYTES - files.length);
  });
});

describe('the volume', () => {
  it('isoinfo finds a volume of the size of the image, with Joliet and Rock Ridge.', () => {
    const image = iso();
    const lines = isoinfo(image, '-d').split('\n');
    const facts = [
      'Volume id: cidata',
      'Logical block size is: 2048',
      `Volume size is: ${image.length / SECTOR_BYTES}`,
      'Joliet with UCS level 3 found',
      'Rock Ridge signatures version 1 found',
    ];
    expect(lines).toEqual(expect.arrayContaining(facts));
  });

  it('The image of a seed is 29 sectors.', () => {
    expect(iso()).toHaveLength(29 * SECTOR_BYTES);
  });

  /** ECMA-119 8.4.14, 8.4.16, 8.4.18 and 9.4; no reader at hand looks at more than one of the four tables. */
  it.each([
    ['primary', PRIMARY_DESCRIPTOR],
    ['Joliet', JOLIET_DESCRIPTOR],
  ])('Both path tables of the %s tree lead to its root directory.', (_, descriptor) => {
    const image = Buffer.from(iso());
    const root = image.readUInt32LE(descriptor + 158);
    const little = image.readUInt32LE(descriptor + 140) * SECTOR_BYTES;
    const big = image.readUInt32BE(descriptor + 148) * SECTOR_BYTES;
    const sectorOfRoot = Buffer.alloc(4);
    sectorOfRoot.writeUInt32LE(root);
    expect(image.readUInt32LE(descriptor + 132)).toBe(10);
    expect(image.subarray(little, little + 10)).toEqual(pathTable(sectorOfRoot, [1, 0]));
    expect(image.subarray(big, big + 10)).toEqual(pathTable(sectorOfRoot.swap32(), [0, 1]));
  });

  it('An empty file lies in the volume and at no place of another file.', () => {
    const image = iso({ files: [text('a', ''), text('b', 'b'), text('c', '')] });
    const [, , ...files] = extents(isoinfo(image, '-l'));
    const end = image.length / SECTOR_BYTES;
    expect(files.map(({ sector }) => sector)).toEqual([end - 3, end - 2, end - 1]);
  });

  it('A number in both byte orders looks as in the example of ECMA-119 7.3.3.', () => {
    expect(Buffer.from(bothEndian(0x12345678, 4)).toString('hex')).toBe('7856341212345678');
  });
});

describe('attributes', () => {
  it.each([
    ['the default mode', undefined, '-rw-------', 0o600, 'drwx------', 0o700],
    ['mode 0400', 0o400, '-r--------', 0o400, 'dr-x------', 0o500],
    ['mode 0644', 0o644, '-rw-r--r--', 0o644, 'drwxr-xr-x', 0o755],
  ])(
    'Files of %s belong to root, and the directory can be searched by who may read.',
    (_, mode, fileLine, fileMode, directoryLine, directoryMode) => {
      const image = iso(mode === undefined ? {} : { mode });
      const { attributes } = xorrisoExtract(image, 'Rock Ridge');
      const listing = isoinfo(image, '-R', '-l');
      expect(attributes.get('user-data')?.mode).toBe(fileMode);
      expect(attributes.get('.')?.mode).toBe(directoryMode);
      expect(listing).toMatch(new RegExp(`^${fileLine} +1 +0 +0 .* user-data $`, 'm'));
      expect(listing).toMatch(new RegExp(`^${directoryLine} +2 +0 +0 .* \\.\\. $`, 'm'));
    },
  );

  it.each([['Rock Ridge'], ['Joliet']] as const)(
    'Files are as old as was given, to the second, in %s.',
    (tree) => {
      const { attributes } = xorrisoExtract(iso(), tree);
      expect(attributes.get('user-data')?.modifiedAt).toEqual(new Date('2026-03-04T05:06:07Z'));
    },
  );

  it('The volume has its date to the hundredth of a second, and blkid makes its UUID of it.', () => {
    expect(blkid(iso())).toContain('UUID=2026-03-04-05-06-07-89');
  });
});

describe('sameness', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('The same options give the same bytes, at any time and in any order of the files.', () => {
    const files = [...many('n'), ...named('a', 'A', 'ä')];
    const first = iso({ files });
    vi.useFakeTimers({ now: new Date('2031-01-01T00:00:00Z') });
    expect(Buffer.compare(iso({ files: files.toReversed() }), first)).toBe(0);
  });
});

describe('what the format cannot hold', () => {
  it.each([
    ['an empty name', { files: named('') }, 'is empty'],
    ['a name of 65 characters', { files: named('x'.repeat(65)) }, 'more than 64 characters'],
    ['a slash', { files: named('a/b') }, 'Joliet forbids'],
    ['a NUL', { files: named('a\0b') }, 'Joliet forbids'],
    ['a semicolon', { files: named('a;1') }, 'Joliet forbids'],
    ['a character above U+FFFF', { files: named('😀') }, 'Joliet forbids'],
    ['half a character', { files: named('\ud83d') }, 'Joliet forbids'],
    ['a final dot', { files: named('a.') }, 'ends in a dot'],
    ['the name of the parent', { files: named('..') }, 'ends in a dot'],
    ['a name twice', { files: named('a', 'b', 'a') }, 'given twice'],
    ['an empty volume id', { volumeId: '' }, 'volume id'],
    ['a volume id of 17 characters', { volumeId: 'x'.repeat(17) }, 'volume id'],
    ['a volume id outside ASCII', { volumeId: 'größe' }, 'volume id'],
    ['a mode with a file type', { mode: 0o100600 }, 'mode'],
    ['a broken mode', { mode: 0.5 }, 'mode'],
    ['no date', { createdAt: new Date(Number.NaN) }, 'createdAt'],
    ['a date before 1900', { createdAt: new Date('1899-12-31T23:59:59Z') }, 'createdAt'],
    ['a date after 2155', { createdAt: new Date('2156-01-01T00:00:00Z') }, 'createdAt'],
  ])('%s is a RangeError.', (_, options, message) => {
    expect(() => iso(options)).toThrow(RangeError);
    expect(() => iso(options)).toThrow(message);
  });
});
