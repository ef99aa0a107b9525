import { isMap, isScalar, parseDocument, YAMLMap } from 'yaml';
import type { Document, Pair } from 'yaml';

import { ARCHES } from '../machine.ts';
import type { Arch, LockedBuild } from '../machine.ts';
import { BUILD_KEYS } from './schema.ts';

const HEADING =
  ' Which build plow takes for the name of an image. plow image update moves them; belongs into git.';

/**
 * The text of a lock with another build for a name: names and architectures in order, all else as it was,
 * comments too. @param text of a sound lock; empty: a new one
 */
export function withBuild(text: string, name: string, arch: Arch, build: LockedBuild): string {
  const document: Document = parseDocument(text);
  const root = isMap(document.contents) ? document.contents : new YAMLMap();
  if (root !== document.contents) {
    document.contents = root;
    document.commentBefore ??= HEADING;
  }
  const images = mapIn(root, 'images');
  const builds = mapIn(images, name);
  const own = mapIn(builds, arch);
  for (const key of BUILD_KEYS) put(own, key, build[key]);
  sort(images, (one, other) => (one < other ? -1 : 1));
  sort(builds, (one, other) => orderOf(one) - orderOf(other));
  sort(
    own,
    (one, other) => BUILD_KEYS.findIndex((key) => key === one) - BUILD_KEYS.findIndex((key) => key === other),
  );
  return document.toString({ lineWidth: 0 });
}

/** As it would be written anew, whatever quotes were about the value before; what is said beside it stays. */
function put(map: YAMLMap, key: string, value: string | undefined): void {
  const found = map.get(key, true);
  if (value === undefined) map.delete(key);
  else if (isScalar(found)) {
    found.value = value;
    delete found.type;
  } else map.set(key, value);
}

/** The map below a key, which is made where there is none. */
function mapIn(map: YAMLMap, key: string): YAMLMap {
  const found = map.get(key, true);
  if (isMap(found) && found.flow !== true) return found;
  const made = new YAMLMap();
  if (isMap(found)) made.items.push(...found.items);
  map.set(key, made);
  return made;
}

function orderOf(arch: string): number {
  return ARCHES.findIndex((one) => one === arch);
}

/** What is said before the first one goes with it. */
function sort(map: YAMLMap, compare: (one: string, other: string) => number): void {
  const [first] = map.items;
  if (first !== undefined && isScalar(first.key) && map.commentBefore) {
    first.key.commentBefore = [map.commentBefore, first.key.commentBefore].filter(Boolean).join('\n');
    map.commentBefore = null;
  }
  map.items.sort((one, other) => compare(keyOf(one), keyOf(other)));
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}
