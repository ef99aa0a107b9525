import { directoryRecord, recordBytes, SELF_IDENTIFIER } from './directory-record.ts';
import { bigEndian, littleEndian, uint8 } from './fields.ts';
import type { Parts } from './parts.ts';
import { joinInSectors, packIntoSectors, sectorCount } from './sectors.ts';
import type { Extent } from './sectors.ts';
import { splitEntries, systemUseBytes, systemUseField } from './system-use.ts';

/** ECMA-119 6.9.1: the root has number 1 and is its own parent. */
const ROOT_NUMBER = 1;
const NO_EXTENDED_ATTRIBUTES = 0;
const PADDING = 0;

/** A file and where its bytes lie. */
export interface PlacedFile {
  readonly name: string;
  readonly extent: Extent;
}

/** A record of the root directory. */
export interface TreeEntry {
  readonly identifier: Uint8Array;
  /** Undefined: the root directory itself. */
  readonly extent: Extent | undefined;
  /** SUSP entries. */
  readonly entries: readonly Uint8Array[];
}

/** Where a volume descriptor finds a tree. */
export interface Tree {
  readonly root: Extent;
  readonly littleEndianPathTable: Extent;
  readonly bigEndianPathTable: Extent;
}

/**
 * Appends the root directory with its records in the order given, then what SUSP entries these have no room
 * for, then both path tables.
 */
export function appendTree(parts: Parts, entries: readonly TreeEntry[], recordedAt: Date): Tree {
  const split = entries.map((entry) => ({ ...entry, ...splitEntries(entry.identifier, entry.entries) }));
  const directory = packIntoSectors(
    split.map((entry) => recordBytes(entry.identifier.length, systemUseBytes(entry))),
  );
  const root: Extent = { sector: parts.nextSector, byteLength: directory.byteLength };
  const continuations = split.map(({ continued }) => continued);
  const area = packIntoSectors(continuations.map(({ length }) => length));
  const areaSector = root.sector + sectorCount(root.byteLength);
  const records = split.map(({ identifier, extent, ...systemUse }, index) =>
    directoryRecord({
      identifier,
      isDirectory: extent === undefined,
      extent: extent ?? root,
      recordedAt,
      systemUse: systemUseField(systemUse, areaSector, area.offsets[index] ?? 0),
    }),
  );
  parts.append(joinInSectors(records));
  if (area.byteLength > 0) parts.append(joinInSectors(continuations));
  return {
    root,
    littleEndianPathTable: parts.append(pathTable(root, littleEndian)),
    bigEndianPathTable: parts.append(pathTable(root, bigEndian)),
  };
}

/**
 * ECMA-119 9.4, with a record for the root only; the type L table of 6.9.2 or, with big-endian numbers, type
 * M.
 */
function pathTable(root: Extent, number: (value: number, width: 2 | 4) => Uint8Array): Uint8Array {
  return Buffer.concat([
    uint8(SELF_IDENTIFIER.length, NO_EXTENDED_ATTRIBUTES),
    number(root.sector, 4),
    number(ROOT_NUMBER, 2),
    SELF_IDENTIFIER,
    uint8(PADDING),
  ]);
}
