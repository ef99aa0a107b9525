import type { ConfigPath } from '../machine.ts';

/** A value of the file and where it stands. */
export interface Place {
  readonly value: unknown;
  /** Where the value begins: a character offset into the text. */
  readonly offset: number;
  /** The offset behind its last character; of a value that is absent, its own offset. */
  readonly end: number;
  /** Where its key is; undefined for list items and the whole file. */
  readonly key: { readonly offset: number; readonly end: number } | undefined;
  /** For an alias: what it stands for. */
  readonly original?: Place;
  readonly children: ReadonlyMap<string | number, Place>;
  /** Number of values in it, each alias counted as what it stands for. */
  readonly size: number;
  /** Number of characters of text in it, keys included, counted likewise. */
  readonly textLength: number;
}

/** The deepest place on the way to `path` that the file has, and whether that is `path` itself. */
export function findPlace(root: Place, path: ConfigPath): { readonly place: Place; readonly found: boolean } {
  let place = root;
  for (const part of path) {
    const child = place.children.get(part);
    if (child === undefined) {
      return { place, found: false };
    }
    place = child;
  }
  return { place, found: true };
}
