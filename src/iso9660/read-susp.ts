import type { ByteView } from './byte-view.ts';

/** SUSP 4.1: signature, length and version. */
const HEADER_BYTES = 4;
/** More continuations than any name takes: a chain that runs in a circle must end. */
const MOST_CONTINUATIONS = 32;
/** An area is within a sector (SUSP 5.1): one that says more is hostile. */
const MOST_AREA_BYTES = 2048;
/** RRIP 4.1.4. */
const NAME_CONTINUES = 0x01;
const NAME_IS_SPECIAL = 0x06;

/** Gives a continuation area (SUSP 5.1). @throws {RangeError} for one outside the image */
type Continued = (block: number, offset: number, length: number) => ByteView;

/**
 * Whether the record of the root directory itself says that SUSP is in use (SUSP 5.3), as it is with Rock
 * Ridge.
 * @returns how many bytes of each other system use field are skipped; undefined: it is not in use
 */
export function hasRockRidge(systemUse: ByteView): number | undefined {
  if (systemUse.length < 7 || systemUse.latin1(0, 2) !== 'SP') return undefined;
  return systemUse.byte(4) === 0xbe && systemUse.byte(5) === 0xef ? systemUse.byte(6) : undefined;
}

/** The name that NM entries say (RRIP 4.1.4), in UTF-8; undefined where there are none. */
export function rockRidgeName(systemUse: ByteView, continued: Continued): string | undefined {
  const parts: string[] = [];
  let area: ByteView | undefined = systemUse;
  for (let count = 0; area !== undefined && count <= MOST_CONTINUATIONS; count += 1) {
    let next: ByteView | undefined;
    for (const entry of entriesIn(area)) {
      const signature = entry.latin1(0, 2);
      if (signature === 'CE') {
        const length = Math.min(entry.uint32(20), MOST_AREA_BYTES);
        next = continued(entry.uint32(4), entry.uint32(12), length);
      }
      if (signature !== 'NM' || (entry.byte(4) & NAME_IS_SPECIAL) !== 0) continue;
      parts.push(entry.utf8(5));
      if ((entry.byte(4) & NAME_CONTINUES) === 0) return parts.join('');
    }
    area = next;
  }
  return parts.length === 0 ? undefined : parts.join('');
}

/** SUSP 4: one after another, until one says that it is the last (5.4), or there is no room for more. */
function* entriesIn(area: ByteView): Generator<ByteView> {
  let offset = 0;
  while (offset + HEADER_BYTES <= area.length) {
    const length = area.byte(offset + 2);
    if (length < HEADER_BYTES || area.latin1(offset, 2) === 'ST') return;
    yield area.part(offset, length);
    offset += length;
  }
}
