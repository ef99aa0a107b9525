import { MAX_RECORD_BYTES, recordBytes } from './directory-record.ts';
import { SECTOR_BYTES } from './sectors.ts';
import { continuation, CONTINUATION_ENTRY_BYTES } from './susp.ts';

/** The SUSP entries of a directory record: those inside it, and those it has no room for. */
export interface SystemUse {
  readonly inRecord: Uint8Array;
  /** For a continuation area (SUSP 5.1). */
  readonly continued: Uint8Array;
}

/** Keeps as many entries in the record as fit, in their order and each as a whole. */
export function splitEntries(identifier: Uint8Array, entries: readonly Uint8Array[]): SystemUse {
  const room = MAX_RECORD_BYTES - recordBytes(identifier.length, 0);
  const all = Buffer.concat(entries);
  if (all.length <= room) return { inRecord: all, continued: new Uint8Array() };
  let end = 0;
  for (const { length } of entries) {
    if (end + length + CONTINUATION_ENTRY_BYTES > room) break;
    end += length;
  }
  return { inRecord: all.subarray(0, end), continued: all.subarray(end) };
}

/** Length of the system use field, with the pointer to the continuation if there is one. */
export function systemUseBytes({ inRecord, continued }: SystemUse): number {
  return inRecord.length + (continued.length === 0 ? 0 : CONTINUATION_ENTRY_BYTES);
}

/** The system use field; the continuation lies `offset` bytes after the beginning of `areaSector`. */
export function systemUseField(
  { inRecord, continued }: SystemUse,
  areaSector: number,
  offset: number,
): Uint8Array {
  if (continued.length === 0) return inRecord;
  const sector = areaSector + Math.floor(offset / SECTOR_BYTES);
  return Buffer.concat([inRecord, continuation(sector, offset % SECTOR_BYTES, continued.length)]);
}
