import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEAD_BYTES, judgeHead, judgeImage } from '../../../../src/vm/image-format/head.ts';
import type { Judged } from '../../../../src/vm/image-format/head.ts';
import { headOf } from '../fake/pieces.ts';
import { processorMs } from '../../../pace.ts';

const GIB = 2 ** 30;
type Change = (view: DataView, head: Uint8Array) => void;

/** The head of a sound qcow2 image of 1 GiB, with a change. */
function qcow2(change: Change = () => {}): Uint8Array {
  const head = headOf(`qcow2 ${GIB}`);
  change(new DataView(head.buffer), head);
  return head;
}

function raw(at: number, text: string): Uint8Array {
  const head = headOf('raw 512');
  head.set(Buffer.from(text, 'latin1'), at);
  return head;
}

/** An extension of the header, behind it or behind others. */
function extension(view: DataView, type: number, length: number, at = 104): void {
  view.setUint32(at, type);
  view.setUint32(at + 4, length);
}

function backing(name: string): Change {
  return (view, head) => {
    view.setBigUint64(8, 1024n);
    view.setUint32(16, name.length);
    head.set(Buffer.from(name), 1024);
  };
}

function bits(value: bigint): Change {
  return (view) => view.setBigUint64(72, value);
}

const BACKING_FORMAT = 0xe2792aca;
const DATA_FILE = 0x44415441;
const SOUND = { format: 'qcow2' };

describe('the head of a qcow2 image', () => {
  it.each<[string, Change]>([
    ['of version 3', () => {}],
    [
      'of version 2, whose header ends before its features',
      (view) => {
        view.setUint32(4, 2);
        view.setBigUint64(72, 0n);
      },
    ],
    ['with another compression and extended L2 entries', bits(0x18n)],
    [
      'with compatible features and ones that others may clear',
      (view) => {
        view.setBigUint64(80, 1n);
        view.setBigUint64(88, 3n);
      },
    ],
    ['with snapshots', (view) => view.setUint32(60, 2)],
    ['with names of features', (view) => extension(view, 0x6803f857, 336)],
    ['with the format of a backing file that it has not', (view) => extension(view, BACKING_FORMAT, 5)],
    [
      'with clusters of 512 bytes that extensions fill',
      (view) => {
        view.setUint32(20, 9);
        extension(view, 0x6803f857, 400);
      },
    ],
  ])('is sound: %s', (_, change) => {
    expect(judgeHead(qcow2(change))).toStrictEqual(SOUND);
  });

  it.each<[string, Change, string]>([
    ['an overlay', backing('/a.raw'), 'is itself an overlay on /a.raw: a base image must stand alone'],
    [
      'one on a directory',
      backing('fat:/root'),
      'is itself an overlay on fat:/root: a base image must stand alone',
    ],
    [
      'one on nothing that has a name',
      (view) => view.setBigUint64(8, 2n ** 63n),
      'is itself an overlay on another file: a base image must stand alone',
    ],
    [
      'a data file',
      bits(4n),
      'is a qcow2 image whose data are in another file: a base image must stand alone',
    ],
    [
      'the name of a data file alone',
      (view) => extension(view, DATA_FILE, 8),
      'is a qcow2 image whose data are in another file: a base image must stand alone',
    ],
    [
      'the name of a data file behind others',
      (view) => {
        extension(view, BACKING_FORMAT, 5);
        extension(view, DATA_FILE, 8, 104 + 16);
      },
      'is a qcow2 image whose data are in another file: a base image must stand alone',
    ],
    [
      'the name of a data file in version 2',
      (view) => {
        view.setUint32(4, 2);
        view.setUint32(96, 0);
        view.setUint32(100, 0);
        extension(view, DATA_FILE, 8, 72);
      },
      'is a qcow2 image whose data are in another file: a base image must stand alone',
    ],
    [
      'encryption',
      (view) => view.setUint32(32, 2),
      'is an encrypted qcow2 image, which plow does not support',
    ],
    [
      'the header of encryption alone',
      (view) => extension(view, 0x0537be77, 16),
      'is an encrypted qcow2 image, which plow does not support',
    ],
    ['a bit that says dirty', bits(1n), 'was not closed properly: qemu-img check -r all repairs it'],
    ['a bit that says corrupt', bits(3n), 'is marked as corrupt: qemu-img check tells more'],
    [
      'a bit that nobody knows',
      bits(2n ** 63n),
      'is a qcow2 image with features that plow does not know (bits 0x8000000000000000)',
    ],
    [
      'version 1',
      (view) => view.setUint32(4, 1),
      'is a qcow2 image of version 1, and plow knows 2 and 3 only',
    ],
    [
      'clusters of 256 bytes',
      (view) => view.setUint32(20, 8),
      'is a qcow2 image with clusters of 2^8 bytes, which qcow2 does not have',
    ],
    [
      'clusters of 4 MiB',
      (view) => view.setUint32(20, 22),
      'is a qcow2 image with clusters of 2^22 bytes, which qcow2 does not have',
    ],
    ['no size', (view) => view.setBigUint64(24, 0n), 'is a qcow2 image of 0 bytes, which no disk has'],
    [
      'half a sector',
      (view) => view.setBigUint64(24, 768n),
      'is a qcow2 image of 768 bytes, which no disk has',
    ],
    ['100 TiB', (view) => view.setBigUint64(24, 100n * 2n ** 40n), 'is a qcow2 image of more than 64 TiB'],
    [
      'odd reference counts',
      (view) => view.setUint32(96, 7),
      'is a qcow2 image with reference counts of an odd width',
    ],
    [
      'a header of no length',
      (view) => view.setUint32(100, 0),
      'is a qcow2 image with a header of 0 bytes, which no header has',
    ],
    [
      'a header that is too long',
      (view) => view.setUint32(100, HEAD_BYTES + 8),
      'is a qcow2 image with a header of 65544 bytes, which no header has',
    ],
    [
      'extensions beyond the head',
      (view) => {
        view.setUint32(20, 21);
        extension(view, 0x6803f857, HEAD_BYTES);
      },
      'is a qcow2 image whose header goes on beyond what plow reads of it (64 KiB)',
    ],
    [
      'extensions beyond the first cluster',
      (view) => extension(view, 0x6803f857, 2 ** 31),
      'is a qcow2 image whose header goes on beyond what plow reads of it (64 KiB)',
    ],
  ])('is refused with %s', (_, change, problem) => {
    expect(judgeHead(qcow2(change))).toStrictEqual({ problem });
  });

  it.each([4, 71, 103])('is refused where it is cut off after %s bytes', (length) => {
    expect(judgeHead(qcow2().subarray(0, length))).toStrictEqual({
      problem: 'is not a disk image: its qcow2 header is cut off',
    });
  });
});

describe('the head of another file', () => {
  it.each([
    ['vmdk', 0, 'KDMV'],
    ['vdi', 64, '\x7f\x10\xda\xbe'],
    ['vhdx', 0, 'vhdxfile'],
    ['vpc', 0, 'conectix'],
    ['luks', 0, 'LUKS\xba\xbe'],
    ['iso', 32_769, 'CD001'],
    ['gzip', 0, '\x1f\x8b\x08'],
    ['xz', 0, '\xfd7zXZ\0'],
    ['zstd', 0, '\x28\xb5\x2f\xfd'],
    ['bzip2', 0, 'BZh9'],
    ['tar', 257, 'ustar'],
  ])('says that it is %s, also where it has a boot sector', (name, at, magic) => {
    expect(judgeHead(raw(at, magic))).toStrictEqual({
      problem: expect.stringMatching(
        new RegExp(`^is ${name}, and a base image must be qcow2 or raw: `, 'u'),
      ) as string,
    });
  });

  it.each(['<!DOCTYPE html>', '\xef\xbb\xbf\n <html>'])('says that it is a web page: %j', (text) => {
    expect(judgeHead(raw(0, text))).toMatchObject({ problem: expect.stringContaining('web page') as string });
  });

  it('says nothing of a disk, which a boot sector or a partition table makes of it', () => {
    expect(judgeHead(headOf('raw 512'))).toStrictEqual({ format: 'raw' });
    expect(judgeHead(Buffer.concat([Buffer.alloc(512), Buffer.from('EFI PART')]))).toStrictEqual({
      format: 'raw',
    });
    for (const head of [Buffer.alloc(0), Buffer.alloc(HEAD_BYTES), Buffer.from('root:x:0:0:'.repeat(99))])
      expect(judgeHead(head)).toMatchObject({ problem: expect.stringContaining('55 AA') as string });
  });
});

describe('an image is', () => {
  const [q, r] = [qcow2(), headOf('raw 512')];

  it.each<[string, 'qcow2' | 'raw' | undefined, string, Uint8Array | undefined, string]>([
    ['/a.img', undefined, 'qcow2', q, 'qcow2'],
    ['/a.img', undefined, 'raw', r, 'raw'],
    ['/a.raw', 'qcow2', 'qcow2', q, 'qcow2'],
    ['/a.qcow2', 'raw', 'raw', r, 'raw'],
    ['/a.raw', undefined, 'raw', undefined, 'raw'],
  ])(
    'what its name, its user, libvirt and its head agree on: %s, %s, %s',
    (path, asked, seen, head, format) => {
      expect(judgeImage(path, asked, seen, head)).toStrictEqual({ format });
    },
  );

  it.each<[string, 'qcow2' | 'raw' | undefined, string, Uint8Array | undefined, string]>([
    [
      '/a.raw',
      undefined,
      'qcow2',
      q,
      'is called .raw and has a qcow2 header: write image_format: qcow2 if that is meant',
    ],
    [
      '/a.raw',
      undefined,
      'raw',
      q,
      'is called .raw and has a qcow2 header: write image_format: qcow2 if that is meant',
    ],
    ['/a.qcow2', undefined, 'raw', r, 'is not a disk image: it has no qcow2 header'],
    ['/a.img', 'raw', 'qcow2', q, 'has a qcow2 header, and image_format says raw'],
    ['/a.img', 'qcow2', 'raw', r, 'has no qcow2 header, and image_format says qcow2'],
    ['/a.img', undefined, 'raw', q, 'begins as a qcow2 image, and libvirt takes it for raw'],
    ['/a.img', undefined, 'qcow2', r, 'begins as a raw image, and libvirt takes it for qcow2'],
    [
      '/a.img',
      undefined,
      'vmdk',
      r,
      'is vmdk, and a base image must be qcow2 or raw: qemu-img convert -O qcow2',
    ],
    ['/a.qcow2', undefined, 'raw', undefined, 'is not a disk image: it has no qcow2 header'],
  ])('refused where they do not: %s, %s, %s', (path, asked, seen, head, problem) => {
    expect(judgeImage(path, asked, seen, head)).toStrictEqual({ problem });
  });
});

/** What QEMU would open besides the file, by the letter of the format and nothing of plow's: an oracle. */
function isDangerous(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getBigUint64(8) !== 0n || view.getUint32(32) !== 0) return true;
  return view.getUint32(4) === 3 && (view.getBigUint64(72) & ~0x18n) !== 0n;
}

describe('a hostile head', () => {
  const change = fc.record({ at: fc.nat(119), value: fc.nat(255) });
  const kinds = [qcow2(), qcow2(backing('/a')), qcow2((view) => extension(view, BACKING_FORMAT, 5))];

  it('is judged in no time whatever bytes are changed, and taken only where it names nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.array(change, { maxLength: 40 }),
        fc.nat(HEAD_BYTES),
        (original, changes, cut) => {
          const head = original.slice(0, cut % 3 === 0 ? cut : undefined);
          for (const { at, value } of changes) if (at < head.length) head[at] = value;
          const started = processorMs();
          const judged: Judged = judgeHead(head);
          expect(processorMs() - started).toBeLessThan(1000);
          expect('format' in judged && judged.format === 'qcow2' && isDangerous(head)).toBe(false);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('is refused for each bit that says danger, whatever else it says', () => {
    const dangers: readonly Change[] = [
      (view) => view.setBigUint64(8, view.getBigUint64(8) | 1n),
      (view) => view.setUint32(32, view.getUint32(32) | 1),
      (view) => view.setBigUint64(72, view.getBigUint64(72) | 4n),
      (view) => extension(view, DATA_FILE, 8),
    ];
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.constantFrom(...dangers), (changes, danger) => {
        const head = qcow2((_, bytes) => {
          for (const { at, value } of changes.filter(({ at: place }) => place >= 8)) bytes[at] = value;
        });
        const view = new DataView(head.buffer);
        view.setUint32(100, 104);
        danger(view, head);
        expect(judgeHead(head)).toHaveProperty('problem');
      }),
      { numRuns: 2000 },
    );
  });

  it('of any bytes is judged', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.boolean(), (bytes, isQcow2) => {
        if (isQcow2) bytes.set(Buffer.from('QFI\xfb', 'latin1').subarray(0, bytes.length));
        const judged = judgeHead(bytes);
        const isTaken = isQcow2 && bytes.length >= 4 && 'format' in judged;
        expect(isTaken && isDangerous(bytes)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
