import { ascii, bothEndian, shortDate, uint8 } from './fields.ts';

/** SUSP 4.1: signature, length and version stand before the data of every entry. */
const HEADER_BYTES = 4;
const ENTRY_VERSION = 1;

/** SUSP 5.1: header and three numbers of eight bytes. */
export const CONTINUATION_ENTRY_BYTES = 28;

/** RRIP 4.1.4. */
const NAME_FLAGS_NONE = 0;

/** RRIP 4.1.6; the creation of a file is not something POSIX knows. */
const TIME_MODIFY = 0x02;
const TIME_ACCESS = 0x04;
const TIME_ATTRIBUTES = 0x08;

/** RRIP 4.1.1 takes the file types of POSIX's st_mode. */
const TYPE_REGULAR = 0o100000;
const TYPE_DIRECTORY = 0o040000;
const ROOT_ID = 0;

/** RRIP 4.3. */
const EXTENSION_VERSION = 1;
const EXTENSION_ID = 'IEEE_P1282';
const EXTENSION_DESCRIPTION = 'THE IEEE P1282 PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS.';
const EXTENSION_SOURCE =
  'PLEASE CONTACT THE IEEE STANDARDS DEPARTMENT, PISCATAWAY, NJ, USA FOR THE P1282 SPECIFICATION.';

export interface PosixAttributes {
  readonly isDirectory: boolean;
  /** Permission bits. */
  readonly mode: number;
  readonly links: number;
  /** As st_ino: different for each file. */
  readonly serial: number;
}

/** SP, SUSP 5.3: the first entry of the root directory's record of itself. */
export function sharingProtocol(): Uint8Array {
  const checkBytes = [0xbe, 0xef];
  const skippedBytes = 0;
  return entry('SP', uint8(...checkBytes, skippedBytes));
}

/** CE, SUSP 5.1: where the entries of this record go on. */
export function continuation(sector: number, offset: number, byteLength: number): Uint8Array {
  return entry('CE', bothEndian(sector, 4), bothEndian(offset, 4), bothEndian(byteLength, 4));
}

/** ER, SUSP 5.5 and RRIP 4.3: names Rock Ridge 1.12 as the extension in use. */
export function extensionReference(): Uint8Array {
  const texts = [EXTENSION_ID, EXTENSION_DESCRIPTION, EXTENSION_SOURCE];
  return entry('ER', uint8(...texts.map((text) => text.length), EXTENSION_VERSION), ...texts.map(ascii));
}

/** PX, RRIP 4.1.1; owner and group are root. */
export function posixAttributes({ isDirectory, mode, links, serial }: PosixAttributes): Uint8Array {
  const type = isDirectory ? TYPE_DIRECTORY : TYPE_REGULAR;
  const numbers = [type + mode, links, ROOT_ID, ROOT_ID, serial];
  return entry('PX', ...numbers.map((number) => bothEndian(number, 4)));
}

/** TF, RRIP 4.1.6: one date for all three times of POSIX. */
export function timestamps(date: Date): Uint8Array {
  const stamp = shortDate(date);
  return entry('TF', uint8(TIME_MODIFY + TIME_ACCESS + TIME_ATTRIBUTES), stamp, stamp, stamp);
}

/** NM, RRIP 4.1.4, in UTF-8: 64 UCS-2 characters are 192 bytes at most, so one entry always holds a name. */
export function alternateName(name: string): Uint8Array {
  return entry('NM', uint8(NAME_FLAGS_NONE), Buffer.from(name, 'utf8'));
}

function entry(signature: string, ...data: Uint8Array[]): Uint8Array {
  const payload = Buffer.concat(data);
  return Buffer.concat([ascii(signature), uint8(HEADER_BYTES + payload.length, ENTRY_VERSION), payload]);
}
