import { checkDate } from './fields.ts';
import { appendJolietTree } from './joliet-tree.ts';
import { checkNames, checkVolumeId, compareNames } from './names.ts';
import { Parts } from './parts.ts';
import { appendPrimaryTree } from './primary-tree.ts';
import { SECTOR_BYTES } from './sectors.ts';
import type { Tree } from './tree.ts';
import { jolietDescriptor, primaryDescriptor, terminator } from './volume-descriptor.ts';

/** ECMA-119 6.2.1: sectors 0 to 15 are the system area, left empty; 6.7.1: volume descriptors follow. */
const FIRST_DESCRIPTOR_SECTOR = 16;
/** Primary, Joliet, terminator. */
const DESCRIPTOR_COUNT = 3;
const FIRST_TREE_SECTOR = FIRST_DESCRIPTOR_SECTOR + DESCRIPTOR_COUNT;

const DEFAULT_MODE = 0o600;
const PERMISSION_BITS = 0o777;

export interface IsoFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface IsoOptions {
  /** Label of the volume: 1 to 16 letters, digits, `_` or `-`, written as it is. */
  readonly volumeId: string;
  /** All in the root directory: there are no subdirectories. */
  readonly files: readonly IsoFile[];
  /** The date of everything in the image, to the second (the volume: to the hundredth). */
  readonly createdAt: Date;
  /** Permission bits of the files, 0600 by default; who may read them may search the root directory. */
  readonly mode?: number;
}

/**
 * An ISO 9660 image (ECMA-119, interchange level 2) with Joliet and Rock Ridge 1.12, owned by root. Nothing
 * but the options goes into it, and the order of the files does not matter: the same options give the same
 * bytes.
 *
 * @throws {RangeError} for a volume id, name, mode or date that the format cannot hold, and a name given
 * twice.
 */
export function writeIso({ volumeId, files, createdAt, mode = DEFAULT_MODE }: IsoOptions): Uint8Array {
  checkVolumeId(volumeId);
  checkNames(files.map(({ name }) => name));
  checkDate(createdAt);
  checkMode(mode);
  const sorted = files.toSorted((a, b) => compareNames(a.name, b.name));

  // The trees lie before the files, for readers of streams, and name the sectors of the files. Their own
  // length does not depend on those numbers, so a first go with any number shows where the files begin.
  const draft = layOut({ files: sorted, createdAt, mode, firstFileSector: FIRST_TREE_SECTOR });
  const firstFileSector = draft.trees.nextSector;
  const { trees, data, primary, joliet } = layOut({ files: sorted, createdAt, mode, firstFileSector });

  const volume = { volumeId, createdAt, sectors: data.nextSector };
  const descriptors = new Parts(FIRST_DESCRIPTOR_SECTOR);
  descriptors.append(primaryDescriptor(volume, primary));
  descriptors.append(jolietDescriptor(volume, joliet));
  descriptors.append(terminator());

  const image = new Uint8Array(volume.sectors * SECTOR_BYTES);
  for (const parts of [descriptors, trees, data]) parts.copyTo(image);
  return image;
}

interface LayoutOptions {
  readonly files: readonly IsoFile[];
  readonly createdAt: Date;
  readonly mode: number;
  readonly firstFileSector: number;
}

interface Layout {
  readonly trees: Parts;
  readonly data: Parts;
  readonly primary: Tree;
  readonly joliet: Tree;
}

function layOut({ files, createdAt, mode, firstFileSector }: LayoutOptions): Layout {
  const data = new Parts(firstFileSector);
  const placed = files.map(({ name, bytes }) => ({ name, extent: data.append(bytes) }));
  const trees = new Parts(FIRST_TREE_SECTOR);
  const primary = appendPrimaryTree(trees, placed, createdAt, mode);
  const joliet = appendJolietTree(trees, placed, createdAt);
  return { trees, data, primary, joliet };
}

function checkMode(mode: number): void {
  if (!Number.isInteger(mode) || mode < 0 || mode > PERMISSION_BITS) {
    throw new RangeError(`mode is not from 0 to 0o777: ${mode}`);
  }
}
