import type { LocalImage } from '../../config/machine.ts';

/** https://www.qemu.org/docs/master/interop/qcow2.html#cluster-mapping; all numbers are big-endian. */
const OFFSET = 0x00ff_ffff_ffff_fe00n;
const COMPRESSED = 1n << 62n;
/** Extended L2 entries (incompatible feature 4) have 16 bytes each. */
const EXTENDED_L2 = 0x10n;
/** Of tables that are read to judge a file: those of an image of 1 TiB with clusters of 64 KiB. */
const MOST_TABLE_BYTES = 2 ** 27;

/**
 * Why a qcow2 image is not whole, in words that follow its path: a table of it leads behind the end of the
 * file, as in a download that broke off. Undefined for one whose tables are all read, or are too many.
 * @param head its first bytes, of a header that was found sound
 */
export async function whyCutOff(file: LocalImage, head: Uint8Array): Promise<string | undefined> {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const clusterBits = view.getUint32(20);
  const cluster = 2 ** clusterBits;
  const entryBytes = view.getUint32(4) >= 3 && (view.getBigUint64(72) & EXTENDED_L2) !== 0n ? 16 : 8;
  const l1Bytes = view.getUint32(36) * 8;
  if (l1Bytes > MOST_TABLE_BYTES) return undefined;
  const l1 = await readTable(file, Number(view.getBigUint64(40)), l1Bytes);
  if (l1 === undefined) return SHORT;
  const refcounts = Number(view.getBigUint64(48)) + view.getUint32(56) * cluster;
  if (refcounts > file.bytes) return SHORT;
  const tables = [...entriesOf(l1, 8)].map(offsetOf).filter((offset) => offset !== 0);
  if (tables.length * cluster > MOST_TABLE_BYTES) return undefined;
  for (const offset of tables) {
    const l2 = await readTable(file, offset, cluster);
    if (l2 === undefined) return SHORT;
    for (const entry of entriesOf(l2, entryBytes)) {
      const at = (entry & COMPRESSED) === 0n ? offsetOf(entry) : compressedAt(entry, clusterBits);
      if (at >= file.bytes) return SHORT;
    }
  }
  return undefined;
}

const SHORT = 'is cut off: it names bytes behind its end (a download or a copy that did not come to its end)';

/** Undefined where the file ends before. */
async function readTable(file: LocalImage, offset: number, bytes: number): Promise<DataView | undefined> {
  if (offset + bytes > file.bytes) return undefined;
  const buffer = new Uint8Array(bytes);
  return (await file.read(buffer, offset)) < bytes ? undefined : new DataView(buffer.buffer);
}

function* entriesOf(table: DataView, entryBytes: number): Generator<bigint, void> {
  for (let at = 0; at + entryBytes <= table.byteLength; at += entryBytes) yield table.getBigUint64(at);
}

function offsetOf(entry: bigint): number {
  return Number(entry & OFFSET);
}

/** The lower bits are the offset, the others how many sectors it has. */
function compressedAt(entry: bigint, clusterBits: number): number {
  return Number(entry & ((1n << BigInt(62 - (clusterBits - 8))) - 1n));
}
