import { directoryRecord, SELF_IDENTIFIER } from './directory-record.ts';
import {
  ascii,
  bigEndian,
  bothEndian,
  littleEndian,
  longDate,
  noDate,
  paddedAscii,
  paddedUcs2,
  uint8,
} from './fields.ts';
import { SECTOR_BYTES } from './sectors.ts';
import type { Tree } from './tree.ts';

/** ECMA-119 8.1.1. */
const TYPE_PRIMARY = 1;
const TYPE_SUPPLEMENTARY = 2;
const TYPE_TERMINATOR = 255;
/** ECMA-119 8.1.2 and 8.1.3. */
const STANDARD_IDENTIFIER = 'CD001';
const DESCRIPTOR_VERSION = 1;

/** Joliet, "SVD Escape Sequences Field": UCS-2 level 3. */
const UCS2_LEVEL_3 = '%/E';
/** Joliet, "SVD Volume Flags Field": the escape sequence is a registered one. */
const FLAGS_REGISTERED = 0;

const ONE_VOLUME = 1;
const NO_OPTIONAL_PATH_TABLE = 0;
/** ECMA-119 8.4.31. */
const FILE_STRUCTURE_VERSION = 1;

/** Widths in bytes of the fields of ECMA-119 8.4 and 8.5. */
const WIDTH = {
  identifier: 32,
  unused: 8,
  escapeSequences: 32,
  longIdentifier: 128,
  fileIdentifier: 37,
} as const;

export interface Volume {
  readonly volumeId: string;
  readonly createdAt: Date;
  readonly sectors: number;
}

interface DescriptorKind {
  readonly type: number;
  /** ECMA-119 8.5.3, always zero in a primary descriptor. */
  readonly flags: number;
  /** ECMA-119 8.5.6, empty in a primary descriptor. */
  readonly escapeSequences: string;
  readonly text: (text: string, width: number) => Uint8Array;
}

const PRIMARY: DescriptorKind = { type: TYPE_PRIMARY, flags: 0, escapeSequences: '', text: paddedAscii };
const JOLIET: DescriptorKind = {
  type: TYPE_SUPPLEMENTARY,
  flags: FLAGS_REGISTERED,
  escapeSequences: UCS2_LEVEL_3,
  text: paddedUcs2,
};

/**
 * ECMA-119 8.4. The volume id goes in as it is: 8.4.7 asks for capitals, but `cidata` in small letters is
 * what others write and look for.
 */
export function primaryDescriptor(volume: Volume, tree: Tree): Uint8Array {
  return volumeDescriptor(PRIMARY, volume, tree);
}

/** ECMA-119 8.5, as Joliet uses it. */
export function jolietDescriptor(volume: Volume, tree: Tree): Uint8Array {
  return volumeDescriptor(JOLIET, volume, tree);
}

/** ECMA-119 8.3. */
export function terminator(): Uint8Array {
  return sector(header(TYPE_TERMINATOR));
}

function volumeDescriptor(kind: DescriptorKind, volume: Volume, tree: Tree): Uint8Array {
  return sector(
    header(kind.type),
    uint8(kind.flags),
    kind.text('', WIDTH.identifier),
    kind.text(volume.volumeId, WIDTH.identifier),
    new Uint8Array(WIDTH.unused),
    bothEndian(volume.sectors, 4),
    ascii(kind.escapeSequences.padEnd(WIDTH.escapeSequences, '\0')),
    bothEndian(ONE_VOLUME, 2),
    bothEndian(ONE_VOLUME, 2),
    bothEndian(SECTOR_BYTES, 2),
    location(volume, tree),
    descriptions(kind),
    longDate(volume.createdAt),
    longDate(volume.createdAt),
    noDate(),
    noDate(),
    uint8(FILE_STRUCTURE_VERSION),
  );
}

/** ECMA-119 8.4.13 to 8.4.18. */
function location(volume: Volume, tree: Tree): Uint8Array {
  return Buffer.concat([
    bothEndian(tree.littleEndianPathTable.byteLength, 4),
    littleEndian(tree.littleEndianPathTable.sector, 4),
    littleEndian(NO_OPTIONAL_PATH_TABLE, 4),
    bigEndian(tree.bigEndianPathTable.sector, 4),
    bigEndian(NO_OPTIONAL_PATH_TABLE, 4),
    directoryRecord({
      identifier: SELF_IDENTIFIER,
      isDirectory: true,
      extent: tree.root,
      recordedAt: volume.createdAt,
      systemUse: new Uint8Array(),
    }),
  ]);
}

/**
 * ECMA-119 8.4.19 to 8.4.25: volume set, publisher, preparer, application and three files, all not specified.
 */
function descriptions(kind: DescriptorKind): Uint8Array {
  const { longIdentifier, fileIdentifier } = WIDTH;
  const widths = [longIdentifier, longIdentifier, longIdentifier, longIdentifier];
  const fileWidths = [fileIdentifier, fileIdentifier, fileIdentifier];
  return Buffer.concat([...widths, ...fileWidths].map((width) => kind.text('', width)));
}

function header(type: number): Uint8Array {
  return Buffer.concat([uint8(type), ascii(STANDARD_IDENTIFIER), uint8(DESCRIPTOR_VERSION)]);
}

function sector(...fields: Uint8Array[]): Uint8Array {
  return Buffer.concat(fields, SECTOR_BYTES);
}
