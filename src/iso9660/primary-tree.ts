import { PARENT_IDENTIFIER, SELF_IDENTIFIER } from './directory-record.ts';
import { ascii } from './fields.ts';
import type { Parts } from './parts.ts';
import { compareNames, primaryNames } from './names.ts';
import { alternateName, extensionReference, posixAttributes, sharingProtocol, timestamps } from './susp.ts';
import { appendTree } from './tree.ts';
import type { PlacedFile, Tree, TreeEntry } from './tree.ts';

/** ECMA-119 7.5.1: the version of a file, the only one. */
const FILE_VERSION = ';1';

const READ_BITS = 0o444;
/** From the read bits of a mode to its search bits. */
const READ_TO_SEARCH_SHIFT = 2;

/** The root directory has no subdirectories that would link to it: its name and its `.`. */
const DIRECTORY_LINKS = 2;
const FILE_LINKS = 1;
const ROOT_SERIAL = 1;
const FIRST_FILE_SERIAL = 2;

/** Appends the tree of ECMA-119's own names, with POSIX names and attributes in Rock Ridge entries. */
export function appendPrimaryTree(
  parts: Parts,
  files: readonly PlacedFile[],
  createdAt: Date,
  mode: number,
): Tree {
  const names = primaryNames(files.map(({ name }) => name));
  const sorted = files
    .map((file, index) => ({ ...file, primaryName: names[index] ?? '' }))
    .toSorted((a, b) => compareNames(a.primaryName, b.primaryName));
  const entries = sorted.map(({ name, primaryName, extent }, index) => ({
    identifier: ascii(primaryName + FILE_VERSION),
    extent,
    entries: [
      posixAttributes({ isDirectory: false, mode, links: FILE_LINKS, serial: FIRST_FILE_SERIAL + index }),
      timestamps(createdAt),
      alternateName(name),
    ],
  }));
  return appendTree(parts, [...rootEntries(createdAt, mode), ...entries], createdAt);
}

/** `.` and `..`, both the root. */
function rootEntries(createdAt: Date, mode: number): TreeEntry[] {
  const posix = posixAttributes({
    isDirectory: true,
    mode: mode | ((mode & READ_BITS) >> READ_TO_SEARCH_SHIFT),
    links: DIRECTORY_LINKS,
    serial: ROOT_SERIAL,
  });
  const times = timestamps(createdAt);
  const self = [sharingProtocol(), posix, times, extensionReference()];
  return [
    { identifier: SELF_IDENTIFIER, extent: undefined, entries: self },
    { identifier: PARENT_IDENTIFIER, extent: undefined, entries: [posix, times] },
  ];
}
