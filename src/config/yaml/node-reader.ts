import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Alias, Node, Scalar, YAMLMap, YAMLSeq } from 'yaml';

import type { ConfigPath } from '../machine.ts';
import type { Mistake } from './mistake.ts';
import { leaf, listOf, mapOf } from './place.ts';
import type { Place } from './place.ts';

/** Many times what a large configuration holds; a few lines of nested aliases make billions. */
export const MOST_VALUES = 20_000;

/** As much as a file can hold, so that only aliases get there: a few of a long text make gigabytes. */
export const MOST_TEXT = 128 * 1024;

/** Tags that say what the value is anyway. */
const PLAIN_TAG = /^(?:!|tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq))$/;

interface Position {
  readonly path: ConfigPath;
  /** Where the value is expected, should it be absent. */
  readonly offset: number;
  readonly end: number;
  readonly key: Place['key'];
  readonly source: Place['source'];
}

interface Reader {
  /**
   * What each anchor stands for so far. A value that is not complete is not in it, so none can hold itself.
   */
  readonly anchors: Map<string, Place>;
  readonly rules: Mistake[];
  readonly syntax: Mistake[];
  readonly notations: Mistake[];
}

type Content = Exclude<Node, Alias>;

/**
 * A parsed YAML node as plain values with their places. Done here and not by the package's toJS, which
 * searches the whole document for every alias and compares every key of a map with every other, and knows no
 * places.
 */
export function readNode(node: Node | null | undefined, position: Position, reader: Reader): Place {
  const [offset, end] = node?.range ?? [position.offset, position.end];
  const at = { ...position, offset, end };
  if (isAlias(node)) {
    return readAlias(node, at, reader);
  }
  if (node === null || node === undefined) {
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
  if (isSeq(node)) {
    return readList(node, at, reader);
  }
  refuseNotation(node, at, reader);
  return leaf(node.value, at);
}

function readList(node: YAMLSeq, { path, offset, end, key, source }: Position, reader: Reader): Place {
  const items = node.items.map((item, index) => {
    const at = { path: [...path, index], offset, end: offset, key: undefined, source };
    return readNode(isNode(item) ? item : null, at, reader);
  });
  return listOf(items, { offset, end, source, key });
}

function readMap(node: YAMLMap, { path, offset, end, key, source }: Position, reader: Reader): Place {
  const children = new Map<string, Place>();
  for (const item of node.items) {
    const [start, stop] = (isNode(item.key) ? item.key.range : undefined) ?? [offset, offset];
    const keyAt = { offset: start, end: stop, source };
    const name = keyName(item.key);
    if (name === undefined) {
      reader.rules.push({ path, offset: start, end: stop, text: 'has a key that is not plain text' });
    } else if (children.has(name)) {
      reader.syntax.push({ path: [...path, name], offset: start, end: stop, text: 'the key appears twice' });
    } else {
      const at = { path: [...path, name], offset: start, end: start, key: keyAt, source };
      children.set(name, readNode(isNode(item.value) ? item.value : null, at, reader));
    }
  }
  return mapOf(children, { offset, end, source, key });
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
    reader.syntax.push({ path: at.path, offset: at.offset, end: at.end, text });
    return leaf(null, at);
  }
  return { ...target, offset: at.offset, end: at.end, key: at.key, original: target };
}

function refuseTag(node: Content, { path }: Position, reader: Reader): void {
  if (node.tag !== undefined && !PLAIN_TAG.test(node.tag)) {
    reader.rules.push({ path, text: 'tags (!) are not supported; put text in quotes' });
  }
}

/** A number that YAML 1.1 and 1.2 read differently, or that nobody writes. */
function refuseNotation({ value, source = '' }: Scalar, { path }: Position, reader: Reader): void {
  if (typeof value !== 'number' || !Number.isFinite(value)) return;
  if (/^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/u.test(source)) return;
  const written = source.length > 20 ? `${source.slice(0, 20)}…` : source;
  const text = `programs read ${written} differently; write ${value}`;
  reader.notations.push({ path, text, suggestion: String(value) });
}

function bounded(place: Place, reader: Reader): Place {
  if (place.size <= MOST_VALUES && place.textLength <= MOST_TEXT) {
    return place;
  }
  const most = place.size > MOST_VALUES ? `${MOST_VALUES} values` : `${MOST_TEXT / 1024} KiB of text`;
  const text = `holds more than ${most}, each alias counted as what it stands for`;
  reader.syntax.push({ path: [], offset: place.offset, end: place.end, text });
  return leaf(null, place);
}
