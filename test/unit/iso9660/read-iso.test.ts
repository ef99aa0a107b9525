import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIso } from '../../../src/iso9660/read-iso.ts';
import type { IsoFile } from '../../../src/iso9660/write-iso.ts';
import { iso, named, seed, text } from './images.ts';
import { processorMs } from '../../pace.ts';

/** What is in an image, as text. */
function contents(image: Uint8Array): Record<string, string> {
  return Object.fromEntries(
    [...readIso(image)].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]),
  );
}

function expected(files: readonly IsoFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]));
}

/** An image that another program makes of these files. */
function foreignIso(program: string, options: readonly string[], files: readonly IsoFile[]): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'foreign-iso-'));
  try {
    for (const { name, bytes } of files) writeFileSync(join(directory, name), bytes);
    const image = join(directory, '..', `${directory.split('/').at(-1)}.iso`);
    const argv = [...options, '-volid', 'cidata', '-output', image, directory];
    execFileSync(program, argv, { stdio: 'pipe' });
    const bytes = readFileSync(image);
    rmSync(image);
    return bytes;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function outcomeOf(image: Uint8Array): unknown {
  try {
    return readIso(image);
  } catch (error) {
    return error;
  }
}

const LONG = named('a-name-of-more-than-sixty-four-characters-'.padEnd(200, 'x'), 'user-data');

describe('an image', () => {
  it.each([
    ['of a seed', seed],
    ['of nothing', []],
    ['of an empty file', [text('a', ''), text('b', 'b')]],
    ['of names outside ASCII', named('größe.txt', 'данные', '日本')],
    ['of 200 names of 189 bytes', named(...Array.from({ length: 200 }, (_, n) => `${n}`.padEnd(63, '字')))],
  ])("of plow's own %s is read back", (_, files) => {
    expect(contents(iso({ files }))).toStrictEqual(expected(files));
  });

  it.each([
    ['genisoimage', ['-joliet', '-rock'], seed],
    ['genisoimage', ['-rock'], seed],
    ['genisoimage', ['-joliet'], seed],
    ['genisoimage', ['-quiet', '-rock', '-full-iso9660-filenames'], LONG],
    ['xorrisofs', ['-joliet', '-rock'], seed],
    ['xorrisofs', ['-joliet'], seed],
    ['xorrisofs', ['-joliet', '-rock'], LONG],
  ])('that %s %j makes is read', (program, options, files) => {
    expect(contents(foreignIso(program, options, files))).toStrictEqual(expected(files));
  });

  it('without either has the names of ECMA-119, in small letters', () => {
    const image = foreignIso('genisoimage', ['-quiet'], [text('meta.txt', 'm')]);
    expect(contents(image)).toStrictEqual({ 'meta.txt': 'm' });
  });

  it('gives a file of several sectors whole', () => {
    expect(readIso(iso({ files: [text('a', 'x'.repeat(5000))] })).get('a')).toHaveLength(5000);
  });
});

describe('a hostile image', () => {
  it.each([
    ['nothing', new Uint8Array()],
    ['zeros', new Uint8Array(100_000)],
    ['a disk image', Buffer.alloc(100_000, 'QFI\u00fb')],
    ['one that ends behind its descriptors', iso().subarray(0, 19 * 2048)],
    ['one whose last file is cut off', iso({ files: [text('a', 'a'.repeat(9000))] }).subarray(0, -4096)],
  ])('is refused: %s', (_, image) => {
    expect(() => readIso(image)).toThrow(RangeError);
  });

  it('ends where continuations run in a circle', () => {
    const files = named('字'.repeat(63));
    const image = Buffer.from(iso({ files }));
    const area = image.indexOf('NM', 0, 'latin1');
    // CE, SUSP 5.1, pointing at itself.
    const sector = Math.floor(area / 2048);
    const loop = Buffer.alloc(28);
    loop.write('CE', 'latin1');
    loop.writeUInt8(28, 2);
    loop.writeUInt32LE(sector, 4);
    loop.writeUInt32LE(area % 2048, 12);
    loop.writeUInt32LE(28, 20);
    image.fill(0, area, area + 250);
    loop.copy(image, area);
    expect(readIso(image).size).toBe(1);
  });

  it('is read or refused in no time, whatever bytes are changed', () => {
    const original = iso({ files: [...seed, ...named('字'.repeat(63), 'x'.repeat(64))] });
    const change = fc.record({ at: fc.nat(original.length - 1), value: fc.nat(255) });
    // The system area is not looked at: most changes are where the numbers are.
    const near = fc.record({ at: fc.integer({ min: 16 * 2048, max: 26 * 2048 }), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(fc.oneof(change, near), { minLength: 1, maxLength: 60 }), fc.nat(), (all, cut) => {
        const image = original.slice(0, cut % 3 === 0 ? cut % original.length : undefined);
        for (const { at, value } of all) if (at < image.length) image[at] = value;
        const started = processorMs();
        const outcome = outcomeOf(image);
        expect(outcome instanceof RangeError || (outcome instanceof Map && outcome.size <= 6)).toBe(true);
        expect(processorMs() - started).toBeLessThan(1000);
      }),
      { numRuns: 2000 },
    );
  });
});
