import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Alias, Node, YAMLMap, YAMLSeq } from 'yaml';

import type { ConfigPath } from './machine.ts';
import type { Mistake } from './mistakes.ts';
import type { Place } from './place.ts';
import { TOO_DEEP } from './syntax-text.ts';

/** Many times what a large configuration holds; a few lines of nested aliases make billions. */
const MOST_VALUES = 20_000;

/** A configuration has three levels, and every level costs the reader stack. */
const DEEPEST = 50;

/** Tags that say what the value is anyway. */
const PLAIN_TAG = /^(?:!|tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq))$/;

interface Position {
  readonly path: ConfigPath;
  /** Where the value is expected, should it be absent. */
  readonly offset: number;
  readonly keyOffset: number | undefined;
}

interface Reader {
  /** What each anchor stands for so far. A value that is not complete is not in it, so none can hold itself. */
  readonly anchors: Map<string, Place>;
  readonly rules: Mistake[];
  readonly syntax: Mistake[];
}

type Content = Exclude<Node, Alias>;

/**
 * A parsed YAML node as plain values with their places.
 * Done here and not by the package's toJS, which searches the whole document for every alias and compares every key
 * of a map with every other, and knows no places.
 */
export function readNode(node: Node | null | undefined, position: Position, reader: Reader): Place {
  const at = { ...position, offset: node?.range?.[0] ?? position.offset };
  if (isAlias(node)) {
    return readAlias(node, at, reader);
  }
  if (node === null || node === undefined) {
    return leaf(null, at);
  }
  if (at.path.length > DEEPEST) {
    reader.syntax.push({ path: [], offset: at.offset, text: TOO_DEEP });
    return leaf(null, at);
  }
  refuseTag(node, at, reader);
  const place = bounded(readContent(node, at, reader), reader);
  if (node.anchor !== undefined) {
    reader.anchors.set(node.anchor, place);
  }
  return place;
}

function readContent(node: Content, at: Position, reader: Reader): Place {
  if (isMap(node)) {
    return readMap(node, at, reader);
  }
  return isSeq(node) ? readList(node, at, reader) : leaf(node.value, at);
}

function leaf(value: unknown, { offset, keyOffset }: Omit<Position, 'path'>): Place {
  return { value, offset, keyOffset, children: new Map(), size: 1 };
}

function readList(node: YAMLSeq, { path, offset, keyOffset }: Position, reader: Reader): Place {
  const items = node.items.map((item, index) => {
    const at = { path: [...path, index], offset, keyOffset: undefined };
    return readNode(isNode(item) ? item : null, at, reader);
  });
  return {
    value: items.map(({ value }) => value),
    offset,
    keyOffset,
    children: new Map(items.entries()),
    size: sizeOf(items),
  };
}

function readMap(node: YAMLMap, { path, offset, keyOffset }: Position, reader: Reader): Place {
  const children = new Map<string, Place>();
  for (const { key, value } of node.items) {
    const start = isNode(key) ? (key.range?.[0] ?? offset) : offset;
    const name = keyName(key);
    if (name === undefined) {
      reader.rules.push({ path, offset: start, text: 'holds a key that is not plain text' });
    } else if (children.has(name)) {
      reader.syntax.push({ path: [...path, name], offset: start, text: 'the key appears twice' });
    } else {
      const at = { path: [...path, name], offset: start, keyOffset: start };
      children.set(name, readNode(isNode(value) ? value : null, at, reader));
    }
  }
  const places = [...children.values()];
  const entries = [...children].map(([name, child]): [string, unknown] => [name, child.value]);
  // fromEntries makes __proto__ a key like any other.
  return { value: Object.fromEntries(entries), offset, keyOffset, children, size: sizeOf(places) };
}

/** A key as it is written; undefined for an empty key, a tagged one, an alias, a list or a map. */
function keyName(key: unknown): string | undefined {
  if (!isScalar(key) || key.value === null || (key.tag !== undefined && !PLAIN_TAG.test(key.tag))) {
    return undefined;
  }
  return typeof key.value === 'string' ? key.value : key.source;
}

function readAlias({ source }: Alias, at: Position, reader: Reader): Place {
  const target = reader.anchors.get(source);
  if (target === undefined) {
    const text =
      'a value that starts with * is an alias, and its anchor (&) is not above it; put text in quotes';
    reader.syntax.push({ path: at.path, offset: at.offset, text });
    return leaf(null, at);
  }
  return { ...target, offset: at.offset, keyOffset: at.keyOffset };
}

function refuseTag(node: Content, { path }: Position, reader: Reader): void {
  if (node.tag !== undefined && !PLAIN_TAG.test(node.tag)) {
    reader.rules.push({ path, text: 'tags (!) are not supported; put text in quotes' });
  }
}

function bounded(place: Place, reader: Reader): Place {
  if (place.size <= MOST_VALUES) {
    return place;
  }
  const text = `holds more than ${MOST_VALUES} values, each alias counted as what it stands for`;
  reader.syntax.push({ path: [], offset: place.offset, text });
  return leaf(null, place);
}

function sizeOf(places: readonly Place[]): number {
  return places.reduce((sum, { size }) => sum + size, 1);
}
