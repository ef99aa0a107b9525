import type { ConfigPath } from '../../machine.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { MOST_TEXT, MOST_VALUES } from '../../yaml/node-reader.ts';
import { findPlace, listOf, mapOf } from '../../yaml/place.ts';
import type { Place, Whereabouts } from '../../yaml/place.ts';
import { spotOf } from '../../yaml/tree.ts';
import type { YamlTree } from '../../yaml/tree.ts';

/** A mistake at a place, wherever that comes to be. */
export function wrongAt({ offset, end, source }: Whereabouts, path: ConfigPath, text: string): Mistake {
  return { path, offset, end, source, text };
}

/**
 * A tree that was made of others.
 * @param trees of which it was made, the last of them the file itself
 * @param unfinished what is wrong with how it was made
 */
export function sumOf(trees: readonly YamlTree[], root: Place, unfinished: readonly Mistake[]): YamlTree {
  const own = trees.at(-1);
  if (own === undefined) throw new Error('there is one tree at least');
  const tooMuch = sizeMistake(root);
  return {
    ...own,
    own: own.own ?? own,
    root: tooMuch === undefined ? root : own.root,
    unfinished: [...unfinished, ...(tooMuch === undefined ? [] : [tooMuch])],
    rules: trees.flatMap((tree) => tree.rules.map((mistake) => ({ ...mistake, ...spotOf(tree, mistake) }))),
    notations: trees.flatMap((tree) => stillThere(tree, root)),
  };
}

/** More than any VM has, which only a file that is made to do harm holds. */
function sizeMistake(root: Place): Mistake | undefined {
  if (root.size <= MOST_VALUES && root.textLength <= MOST_TEXT) return undefined;
  const most = root.size > MOST_VALUES ? `${MOST_VALUES} values` : `${MOST_TEXT / 1024} KiB of text`;
  return { path: [], text: `comes to more than ${most}, with all that it extends` };
}

/** What was said of numbers that are in the sum, where they are in it. */
function stillThere(tree: YamlTree, root: Place): readonly Mistake[] {
  if (tree.notations.length === 0) return [];
  const paths = new Map<Place, ConfigPath>();
  addPaths(root, [], paths);
  return tree.notations.flatMap((mistake) => {
    const { place, found } = findPlace(tree.root, mistake.path);
    const path = found ? paths.get(place) : undefined;
    return path === undefined ? [] : [{ ...mistake, path }];
  });
}

/** The first path of each value: what an alias stands for is in several places. */
function addPaths(place: Place, path: ConfigPath, paths: Map<Place, ConfigPath>): void {
  if (!paths.has(place)) paths.set(place, path);
  for (const [name, child] of place.children) addPaths(child, [...path, name], paths);
}

/** A tree in which every value that holds no others may become another. */
export function replaced(
  place: Place,
  change: (place: Place, path: ConfigPath) => Place,
  path: ConfigPath = [],
): Place {
  if (!isMapPlace(place) && !Array.isArray(place.value)) return change(place, path);
  let isNew = false;
  const children = new Map<string, Place>();
  for (const [name, child] of place.children) {
    const after = replaced(child, change, [...path, name]);
    isNew ||= after !== child;
    children.set(String(name), after);
  }
  if (!isNew) return place;
  return isMapPlace(place) ? mapOf(children, place) : listOf([...children.values()], place);
}

export function isMapPlace({ value }: Place): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map without some of its keys. */
export function without(place: Place, ...keys: readonly string[]): Place {
  const children = new Map<string, Place>();
  for (const [name, child] of place.children)
    if (!keys.includes(String(name))) children.set(String(name), child);
  return mapOf(children, place);
}
