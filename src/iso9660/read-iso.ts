import { ByteView } from './byte-view.ts';
import { hasRockRidge, rockRidgeName } from './read-susp.ts';
import { SECTOR_BYTES } from './sectors.ts';

/** ECMA-119 6.7.1: volume descriptors begin here; more of them than this is no image of a seed. */
const FIRST_DESCRIPTOR_SECTOR = 16;
const MOST_DESCRIPTORS = 64;

/** ECMA-119 8.1.1. */
const TYPE_PRIMARY = 1;
const TYPE_SUPPLEMENTARY = 2;
const TYPE_TERMINATOR = 255;

/** Joliet, "SVD Escape Sequences Field": UCS-2 levels 1 to 3. */
const JOLIET_ESCAPES: ReadonlySet<string> = new Set(['%/@', '%/C', '%/E']);

/** Offsets in a volume descriptor: ECMA-119 8.4 and 8.5. */
const AT = { identifier: 1, escapes: 88, blockSize: 128, root: 156 } as const;
/** ECMA-119 6.2.2: a power of two from 512 up to the size of a sector. */
const BLOCK_SIZES: ReadonlySet<number> = new Set([512, 1024, 2048]);

/** ECMA-119 9.1.1 to 9.1.10, with the shortest identifier. */
const LEAST_RECORD_BYTES = 34;
/** ECMA-119 9.1.6. */
const FLAG_DIRECTORY = 0x02;
const FLAG_ASSOCIATED = 0x04;
const FLAG_MORE_EXTENTS = 0x80;

interface Volume {
  readonly image: ByteView;
  readonly blockBytes: number;
  /** Record of the root directory. */
  readonly root: ByteView;
}

/**
 * The files in the root directory of an ISO 9660 image by the names that Linux shows: those of Rock Ridge,
 * else of Joliet, else ECMA-119's own in small letters. Files share the memory of the image. No number in the
 * image is trusted.
 *
 * @throws {RangeError} for what is not such an image, or one that was cut off or points outside of itself.
 */
export function readIso(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const image = new ByteView(bytes);
  const { primary, joliet } = findVolumes(image);
  if (primary === undefined) throw new RangeError('not an ISO 9660 image');
  const [self, ...records] = recordsOf(primary);
  const skipped = self === undefined ? undefined : hasRockRidge(systemUse(self));
  if (skipped === undefined && joliet !== undefined) {
    return filesOf(joliet, recordsOf(joliet), (record) => identifier(record).ucs2(0));
  }
  return filesOf(primary, records, (record) => {
    const name =
      skipped === undefined ? undefined : rockRidgeName(systemUse(record).from(skipped), areasOf(primary));
    return name ?? identifier(record).latin1(0).toLowerCase();
  });
}

/** SUSP 5.1: continuation areas, by block, offset and length. */
function areasOf({ image, blockBytes }: Volume): (block: number, offset: number, length: number) => ByteView {
  return (block, offset, length) => image.part(block * blockBytes + offset, length);
}

function findVolumes(image: ByteView): { readonly primary?: Volume; readonly joliet?: Volume } {
  const volumes: { primary?: Volume; joliet?: Volume } = {};
  for (let count = 0; count < MOST_DESCRIPTORS; count += 1) {
    const offset = (FIRST_DESCRIPTOR_SECTOR + count) * SECTOR_BYTES;
    if (offset + SECTOR_BYTES > image.length) break;
    const descriptor = image.part(offset, SECTOR_BYTES);
    const type = descriptor.byte(0);
    if (descriptor.latin1(AT.identifier, 5) !== 'CD001' || type === TYPE_TERMINATOR) break;
    if (type === TYPE_PRIMARY) volumes.primary ??= volumeOf(image, descriptor);
    const isJoliet = JOLIET_ESCAPES.has(descriptor.latin1(AT.escapes, 3));
    if (type === TYPE_SUPPLEMENTARY && isJoliet) volumes.joliet ??= volumeOf(image, descriptor);
  }
  return volumes;
}

function volumeOf(image: ByteView, descriptor: ByteView): Volume {
  const blockBytes = descriptor.uint16(AT.blockSize);
  if (!BLOCK_SIZES.has(blockBytes)) throw new RangeError(`an image with blocks of ${blockBytes} bytes`);
  return { image, blockBytes, root: descriptor.part(AT.root, LEAST_RECORD_BYTES) };
}

/**
 * ECMA-119 6.8.1: the records of the root directory, of which the first is its own. None crosses a sector's
 * end.
 */
function recordsOf(volume: Volume): readonly ByteView[] {
  const directory = extentOf(volume, volume.root);
  const records: ByteView[] = [];
  for (let start = 0; start < directory.length; start += SECTOR_BYTES) {
    const sector = directory.part(start, Math.min(SECTOR_BYTES, directory.length - start));
    let offset = 0;
    while (offset < sector.length && sector.byte(offset) !== 0) {
      const length = sector.byte(offset);
      if (length < LEAST_RECORD_BYTES) throw new RangeError('a directory record that is too short');
      records.push(sector.part(offset, length));
      offset += length;
    }
  }
  return records;
}

/** ECMA-119 9.1.2 to 9.1.4: location, behind extended attributes, and length. */
function extentOf({ image, blockBytes }: Volume, record: ByteView): ByteView {
  return image.part((record.uint32(2) + record.byte(1)) * blockBytes, record.uint32(10));
}

/** ECMA-119 9.1.11. */
function identifier(record: ByteView): ByteView {
  return record.part(33, record.byte(32));
}

/** ECMA-119 9.1.12 and 9.1.13: what is behind the identifier, from an even offset on. */
function systemUse(record: ByteView): ByteView {
  const end = 33 + record.byte(32);
  return record.from(Math.min(end + (end % 2), record.length));
}

function filesOf(
  volume: Volume,
  records: readonly ByteView[],
  nameOf: (record: ByteView) => string,
): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const record of records) {
    const flags = record.byte(25);
    if ((flags & (FLAG_DIRECTORY | FLAG_ASSOCIATED)) !== 0) continue;
    // ECMA-119 9.1.7 and 6.4.3: pieces of a file, which only files beyond any seed have.
    if ((flags & FLAG_MORE_EXTENTS) !== 0 || record.byte(26) !== 0) {
      throw new RangeError('a file that is in pieces');
    }
    files.set(plainName(nameOf(record)), extentOf(volume, record).bytes);
  }
  return files;
}

/** ECMA-119 7.5.1: without the version, and without the dot before an extension that is not there. */
function plainName(name: string): string {
  return name.replace(/;\d+$/u, '').replace(/\.$/u, '');
}
