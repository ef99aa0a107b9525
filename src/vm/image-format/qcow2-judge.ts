import { readQcow2Header } from './qcow2-header.ts';

/**
 * Of a header: https://www.qemu.org/docs/master/interop/qcow2.html#header; all numbers are big-endian. What
 * it says QEMU and qemu-img do, with the rights that they have: open other files, or the network.
 */
const V2_BYTES = 72;
const V3_BYTES = 104;
const DIRTY = 1n;
const CORRUPT = 2n;
const DATA_FILE = 4n;
/** Bits 3 and 4: another compression, and extended L2 entries. */
const HARMLESS = 0x18n;
const DATA_FILE_NAME = 0x44415441;
const ENCRYPTION_HEADER = 0x0537be77;
const SECTOR_BYTES = 512n;
/** No image that anyone publishes comes near. */
const MOST_BYTES = 2n ** 46n;

/**
 * Why nothing can be built on a qcow2 image, in words that follow its path; undefined: it stands alone and is
 * sound.
 * @param head its first 64 KiB
 */
export function whyUnfitQcow2(head: Uint8Array): string | undefined {
  if (head.length < V2_BYTES) return CUT_OFF;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const version = view.getUint32(4);
  if (version !== 2 && version !== 3)
    return `is a qcow2 image of version ${version}, and plow knows 2 and 3 only`;
  return (
    whyNotAlone(head, view) ??
    whyUnfitSize(view) ??
    (version === 3 ? whyUnfitV3(view) : undefined) ??
    whyUnfitExtensions(view, version === 3 && head.length >= V3_BYTES ? view.getUint32(100) : V2_BYTES)
  );
}

const CUT_OFF = 'is not a disk image: its qcow2 header is cut off';
const NOT_ALONE = 'a base image must stand alone';

function whyNotAlone(head: Uint8Array, view: DataView): string | undefined {
  if (view.getUint32(32) !== 0) return 'is an encrypted qcow2 image, which plow does not support';
  if (view.getBigUint64(8) === 0n) return undefined;
  const name = readQcow2Header(head)?.backingPath ?? 'another file';
  return `is itself an overlay on ${name}: ${NOT_ALONE}`;
}

function whyUnfitSize(view: DataView): string | undefined {
  const clusterBits = view.getUint32(20);
  if (clusterBits < 9 || clusterBits > 21)
    return `is a qcow2 image with clusters of 2^${clusterBits} bytes, which qcow2 does not have`;
  const size = view.getBigUint64(24);
  if (size === 0n || size % SECTOR_BYTES !== 0n)
    return `is a qcow2 image of ${size} bytes, which no disk has`;
  return size > MOST_BYTES ? 'is a qcow2 image of more than 64 TiB' : undefined;
}

function whyUnfitV3(view: DataView): string | undefined {
  if (view.byteLength < V3_BYTES) return CUT_OFF;
  const bits = view.getBigUint64(72);
  if ((bits & DATA_FILE) !== 0n) return HAS_DATA_FILE;
  if ((bits & CORRUPT) !== 0n) return 'is marked as corrupt: qemu-img check tells more';
  if ((bits & DIRTY) !== 0n) return 'was not closed properly: qemu-img check -r all repairs it';
  const unknown = bits & ~HARMLESS;
  if (unknown !== 0n)
    return `is a qcow2 image with features that plow does not know (bits 0x${unknown.toString(16)})`;
  if (view.getUint32(96) > 6) return 'is a qcow2 image with reference counts of an odd width';
  const length = view.getUint32(100);
  return length < V3_BYTES || length % 8 !== 0 || length > view.byteLength
    ? `is a qcow2 image with a header of ${length} bytes, which no header has`
    : undefined;
}

const HAS_DATA_FILE = `is a qcow2 image whose data are in another file: ${NOT_ALONE}`;

/**
 * The extensions that follow the header, each with its length, up to one of type 0 or the end of the first
 * cluster.
 */
function whyUnfitExtensions(view: DataView, start: number): string | undefined {
  const clusterBytes = 2 ** view.getUint32(20);
  const end = Math.min(clusterBytes, view.byteLength);
  let at = start;
  for (; at + 8 <= end;) {
    const type = view.getUint32(at);
    if (type === 0) return undefined;
    if (type === DATA_FILE_NAME) return HAS_DATA_FILE;
    if (type === ENCRYPTION_HEADER) return 'is an encrypted qcow2 image, which plow does not support';
    at += 8 + Math.ceil(view.getUint32(at + 4) / 8) * 8;
  }
  return at === clusterBytes
    ? undefined
    : 'is a qcow2 image whose header goes on beyond what plow reads of it (64 KiB)';
}
