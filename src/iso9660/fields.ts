/**
 * The kinds of field that ECMA-119 clause 7 and 8.4.26.1 define; a number that does not fit throws
 * RangeError.
 */

/** ECMA-119 8.4.26.1: year to second in 14 digits, then hundredths of a second. */
const LONG_DATE_DIGITS = 16;
const UTC_OFFSET = 0;
/** ECMA-119 9.1.5 counts years from here, in one byte. */
const FIRST_YEAR = 1900;
const LAST_YEAR = FIRST_YEAR + 0xff;

export function uint8(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt8(value, index);
  return bytes;
}

/** ECMA-119 7.2.1 (2 bytes) and 7.3.1 (4 bytes). */
export function littleEndian(value: number, width: 2 | 4): Uint8Array {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntLE(value, 0, width);
  return bytes;
}

/** ECMA-119 7.2.2 (2 bytes) and 7.3.2 (4 bytes). */
export function bigEndian(value: number, width: 2 | 4): Uint8Array {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}

/** ECMA-119 7.2.3 and 7.3.3: the number twice, so that any reader finds its own byte order. */
export function bothEndian(value: number, width: 2 | 4): Uint8Array {
  return Buffer.concat([littleEndian(value, width), bigEndian(value, width)]);
}

export function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** Joliet, "Wide Character Byte Ordering": UCS-2, most significant byte first. */
export function ucs2(text: string): Uint8Array {
  return Buffer.from(text, 'utf16le').swap16();
}

/** Text of a fixed width, filled up with spaces; ECMA-119 7.4.3.2. */
export function paddedAscii(text: string, width: number): Uint8Array {
  return ascii(text.padEnd(width, ' '));
}

/** The same in UCS-2; an odd width, as of the file identifiers of 8.5, ends in a zero byte. */
export function paddedUcs2(text: string, width: number): Uint8Array {
  return Buffer.concat([ucs2(text.padEnd(Math.floor(width / 2), ' ')), new Uint8Array(width % 2)]);
}

/** ECMA-119 9.1.5, 7 bytes, in UTC; also the short form of RRIP 4.1.6. */
export function shortDate(date: Date): Uint8Array {
  return uint8(
    date.getUTCFullYear() - FIRST_YEAR,
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    UTC_OFFSET,
  );
}

/** ECMA-119 8.4.26.1, 17 bytes, in UTC. */
export function longDate(date: Date): Uint8Array {
  const digits = date.toISOString().replaceAll(/\D/g, '');
  return Buffer.concat([ascii(digits.slice(0, LONG_DATE_DIGITS)), uint8(UTC_OFFSET)]);
}

/** ECMA-119 8.4.26.1: the date is not specified. */
export function noDate(): Uint8Array {
  return Buffer.concat([ascii('0'.repeat(LONG_DATE_DIGITS)), uint8(UTC_OFFSET)]);
}

/** @throws {RangeError} for a date that the fields above cannot hold. */
export function checkDate(date: Date): void {
  const year = date.getUTCFullYear();
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) {
    throw new RangeError(`createdAt is not a date from ${FIRST_YEAR} to ${LAST_YEAR}`);
  }
}
