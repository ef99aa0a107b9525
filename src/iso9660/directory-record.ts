import { bothEndian, shortDate, uint8 } from './fields.ts';
import type { Extent } from './sectors.ts';

/** ECMA-119 9.1.1 gives the length one byte, 9.1.12 and 9.1.13 make it even. */
export const MAX_RECORD_BYTES = 254;
/** ECMA-119 9.1.1 to 9.1.10. */
const FIXED_BYTES = 33;

/** ECMA-119 9.1.6, and 7.6.2 for the root, which is its own parent by 6.8.2.2. */
const FLAG_DIRECTORY = 0x02;
const FLAG_NONE = 0x00;
export const SELF_IDENTIFIER = uint8(0x00);
export const PARENT_IDENTIFIER = uint8(0x01);

const NO_EXTENDED_ATTRIBUTES = 0;
const NOT_INTERLEAVED = 0;
const VOLUME_SEQUENCE_NUMBER = 1;

export interface DirectoryRecord {
  readonly identifier: Uint8Array;
  readonly isDirectory: boolean;
  readonly extent: Extent;
  readonly recordedAt: Date;
  readonly systemUse: Uint8Array;
}

/** ECMA-119 9.1. */
export function directoryRecord(record: DirectoryRecord): Uint8Array {
  const { identifier, systemUse } = record;
  const length = recordBytes(identifier.length, systemUse.length);
  const fields = Buffer.concat([
    uint8(length, NO_EXTENDED_ATTRIBUTES),
    bothEndian(record.extent.sector, 4),
    bothEndian(record.extent.byteLength, 4),
    shortDate(record.recordedAt),
    uint8(record.isDirectory ? FLAG_DIRECTORY : FLAG_NONE, NOT_INTERLEAVED, NOT_INTERLEAVED),
    bothEndian(VOLUME_SEQUENCE_NUMBER, 2),
    uint8(identifier.length),
    identifier,
  ]);
  const bytes = new Uint8Array(length);
  bytes.set(fields);
  bytes.set(systemUse, systemUseOffset(identifier.length));
  return bytes;
}

export function recordBytes(identifierBytes: number, systemUseBytes: number): number {
  return even(systemUseOffset(identifierBytes) + systemUseBytes);
}

/** ECMA-119 9.1.12: the system use field starts at an even offset. */
function systemUseOffset(identifierBytes: number): number {
  return even(FIXED_BYTES + identifierBytes);
}

function even(length: number): number {
  return length + (length % 2);
}
