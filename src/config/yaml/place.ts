import type { ConfigPath } from '../machine.ts';

/** A text with values in it. */
export interface SourceText {
  readonly text: string;
  readonly root: Place;
  /** Both from 1; columns count UTF-16 code units. */
  position(offset: number): { readonly line: number; readonly column: number };
}

/** What a value stands in, where that is not the file itself: a file that it names, or an option. */
export interface Source {
  /** As messages call it. */
  readonly file: string;
  /** Undefined of an option, in which there are no lines. */
  readonly tree: SourceText | undefined;
}

/** Where something stands. */
export interface Whereabouts {
  /** Where it begins: a character offset into the text. */
  readonly offset: number;
  /** The offset behind its last character; of a value that is absent, its own offset. */
  readonly end: number;
  /** Undefined: the file itself. */
  readonly source: Source | undefined;
}

/** A value of the file and where it stands. */
export interface Place extends Whereabouts {
  readonly value: unknown;
  /** Where its key is; undefined for list items and the whole file. */
  readonly key: Whereabouts | undefined;
  /** For an alias: what it stands for. */
  readonly original?: Place;
  /** Of a number that stands in no text. */
  readonly written?: string;
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

type Position = Pick<Place, 'offset' | 'end' | 'source' | 'key'>;

/** A value that holds no others. */
export function leaf(value: unknown, { offset, end, source, key }: Position): Place {
  const textLength = typeof value === 'string' ? value.length : 0;
  return { value, offset, end, source, key, children: new Map(), size: 1, textLength };
}

export function listOf(items: readonly Place[], { offset, end, source, key }: Position): Place {
  return {
    value: items.map(({ value }) => value),
    offset,
    end,
    source,
    key,
    children: new Map(items.entries()),
    ...measure(items),
  };
}

export function mapOf(children: ReadonlyMap<string, Place>, { offset, end, source, key }: Position): Place {
  const entries = [...children].map(([name, child]): [string, unknown] => [name, child.value]);
  const { size, textLength } = measure([...children.values()]);
  return {
    // fromEntries makes __proto__ a key like any other.
    value: Object.fromEntries(entries),
    offset,
    end,
    source,
    key,
    children,
    size,
    textLength: [...children.keys()].reduce((sum, name) => sum + name.length, textLength),
  };
}

function measure(places: readonly Place[]): { readonly size: number; readonly textLength: number } {
  return {
    size: places.reduce((sum, { size }) => sum + size, 1),
    textLength: places.reduce((sum, { textLength }) => sum + textLength, 0),
  };
}
