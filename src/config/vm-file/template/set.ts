import { isScalar, LineCounter } from 'yaml';

import type { ConfigPath } from '../../machine.ts';
import { label } from '../../yaml/mistake.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { parseYaml } from '../../yaml/document.ts';
import { leaf, listOf, mapOf } from '../../yaml/place.ts';
import type { Place, Source } from '../../yaml/place.ts';
import { readYaml } from '../../yaml/tree.ts';
import type { YamlTree } from '../../yaml/tree.ts';
import { unknownKeys } from '../../schema/issues.ts';
import { hasFreeKeys, knownKeys, partsWith } from '../schema/vm-file.ts';
import { COUNT, EACH, EXTENDS } from './keys.ts';
import { isMapPlace, sumOf, wrongAt } from './trees.ts';

/** What mistakes in it are said to be in. */
const OPTION = '--set';
const SOURCE: Source = { file: OPTION, tree: undefined };
const NOWHERE = { offset: 0, end: 0, source: SOURCE, key: undefined };

/** A value in place of what a file says. */
interface Setting {
  readonly path: ConfigPath;
  readonly value: Place;
}

/** A finished file with other values in it, as `path=value`, the later ones in place of the earlier. */
export function withSettings(tree: YamlTree, words: readonly string[]): YamlTree {
  const isSound = tree.syntax.length === 0 && (tree.unfinished ?? []).length === 0;
  if (words.length === 0 || !isSound || !isMapPlace(tree.root)) return tree;
  const mistakes: Mistake[] = [];
  let { root } = tree;
  for (const word of words) {
    const { path, value } = settingOf(word);
    const wrong = (text: string): Place => {
      mistakes.push(wrongAt(NOWHERE, path, text));
      return root;
    };
    const after = path[0] === EXTENDS ? 'can stand in a file only' : set(root, path, 0, value);
    root = typeof after === 'string' ? wrong(after) : after;
  }
  return sumOf([tree], root, mistakes);
}

/** `network_interfaces.0.ip=10.0.0.3/24`, or `network_interfaces[0].ip=...` */
function settingOf(word: string): Setting {
  const at = word.indexOf('=');
  const parts = word
    .slice(0, at)
    .replaceAll(/\[(?<index>\d+)\]/gu, '.$<index>')
    .split('.');
  const path = parts.map((part) => (/^\d{1,6}$/u.test(part) ? Number(part) : part));
  return { path, value: valueOf(word.slice(at + 1)) };
}

/** What stands behind the `=`: a scalar of YAML, a list or map in brackets, else the text as it is. */
function valueOf(text: string): Place {
  if (/^\s*(?:\[|\{(?!\s*[\w-]+\s*\}))/u.test(text)) {
    const { syntax, rules, root } = readYaml(text);
    if (syntax.length === 0 && rules.length === 0 && typeof root.value === 'object') return moved(root, text);
  }
  const { contents, broken } = parseYaml(text, new LineCounter());
  const isWhole =
    broken === undefined &&
    isScalar(contents) &&
    contents.anchor === undefined &&
    contents.tag === undefined &&
    contents.comment === undefined &&
    contents.range[1] === text.trimEnd().length;
  return leaf(isWhole && text.trim() !== '' ? contents.value : text, NOWHERE);
}

/** A value as it stands in the option. @param text in which it stood */
function moved(place: Place, text: string): Place {
  const children = [...place.children].map(([key, child]) => [String(key), moved(child, text)] as const);
  if (isMapPlace(place)) return mapOf(new Map(children), NOWHERE);
  if (Array.isArray(place.value))
    return listOf(
      children.map(([, child]) => child),
      NOWHERE,
    );
  const { offset, end } = place.original ?? place;
  return { ...leaf(place.value, NOWHERE), written: text.slice(offset, end) };
}

/** A tree with another value at a path, or why there can be none. */
function set(place: Place | undefined, path: ConfigPath, depth: number, value: Place): Place | string {
  const part = path[depth];
  if (part === undefined) return { ...value, key: place?.key };
  const at = path.slice(0, depth);
  if (place !== undefined && Array.isArray(place.value)) {
    const items = [...place.children.values()];
    const item = typeof part === 'number' ? items[part] : undefined;
    if (item === undefined) return `${label(at)} has ${itemsIn(items.length)}, and no ${part}`;
    const after = set(item, path, depth + 1, value);
    return typeof after === 'string' ? after : listOf(items.with(Number(part), after), place);
  }
  const why = whyNoKey(place, at, String(part));
  if (why !== undefined) return why;
  const key = String(part);
  const children = new Map<string, Place>();
  for (const [name, child] of place?.children ?? []) children.set(String(name), child);
  if (depth === path.length - 1 && value.value === null) {
    children.delete(key);
  } else {
    const after = set(children.get(key), path, depth + 1, value);
    if (typeof after === 'string') return after;
    children.set(key, after);
  }
  return mapOf(children, place ?? NOWHERE);
}

function itemsIn(count: number): string {
  if (count === 0) return 'no items';
  return count === 1 ? '1 item, 0' : `${count} items, 0 to ${count - 1}`;
}

function whyNoKey(place: Place | undefined, at: ConfigPath, key: string): string | undefined {
  const isRoot = at.length === 0;
  const known = isRoot ? [...knownKeys([]), COUNT, EACH] : knownKeys(at);
  if (place !== undefined && place.value !== null && !isMapPlace(place))
    return `${label(at)} is no map here, and has no ${label([key])}`;
  if (known.includes(key) || hasFreeKeys(at)) return undefined;
  if (known.length === 0)
    return /^\d+$/u.test(key) ? `${label(at)} has no items` : `${label(at)} has no keys`;
  const vocabulary = {
    knownKeys: (path: ConfigPath) => (path.length === 0 && isRoot ? known : knownKeys(path)),
    partsWith,
  };
  return unknownKeys(vocabulary, at, [key], new Set())[0]?.text;
}
