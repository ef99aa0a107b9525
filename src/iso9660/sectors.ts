/** ECMA-119 6.1.2 and 6.2.2: the logical sector, and here the logical block too, in bytes. */
export const SECTOR_BYTES = 2048;

/** A run of bytes in the image: where it starts, in sectors, and its length, in bytes. */
export interface Extent {
  readonly sector: number;
  readonly byteLength: number;
}

export interface Packing {
  /** Byte offset of each part, in the order of the lengths given. */
  readonly offsets: readonly number[];
  readonly byteLength: number;
}

/** The number of sectors that so many bytes take up. */
export function sectorCount(byteLength: number): number {
  return Math.ceil(byteLength / SECTOR_BYTES);
}

/**
 * Lays parts of at most a sector one after another so that none crosses a sector boundary, as ECMA-119
 * 6.8.1.1 asks for directory records and readers ask for SUSP continuation areas. The total is whole sectors.
 */
export function packIntoSectors(lengths: readonly number[]): Packing {
  const offsets: number[] = [];
  let end = 0;
  for (const length of lengths) {
    const left = SECTOR_BYTES - (end % SECTOR_BYTES);
    const offset = length > left ? end + left : end;
    offsets.push(offset);
    end = offset + length;
  }
  return { offsets, byteLength: sectorCount(end) * SECTOR_BYTES };
}

/** The parts laid out that way, with zeros in the gaps. */
export function joinInSectors(parts: readonly Uint8Array[]): Uint8Array {
  const { offsets, byteLength } = packIntoSectors(parts.map(({ length }) => length));
  const bytes = new Uint8Array(byteLength);
  for (const [index, part] of parts.entries()) bytes.set(part, offsets[index]);
  return bytes;
}
