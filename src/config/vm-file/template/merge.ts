import { whereIsPlace } from '../../yaml/tree.ts';
import { label } from '../../yaml/mistake.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { listOf, mapOf } from '../../yaml/place.ts';
import type { Place } from '../../yaml/place.ts';
import type { ConfigPath } from '../../machine.ts';
import { isMapPlace } from './trees.ts';

/** Before a key: what is below it is added to the list of the base. */
const APPENDS = '+';

/**
 * A file on top of what it extends: maps key by key, all else in place of what the base has; a list whose key
 * has a `+` before it behind the list of the base, and a written `null` takes away what the base has there.
 * What is neither's stands where the other has it.
 * @param mistakes to which is added what cannot be
 */
export function merged(base: Place, over: Place, mistakes: Mistake[], path: ConfigPath = []): Place {
  if (!isMapPlace(base) || !isMapPlace(over)) return plain(over, mistakes, path);
  const children = new Map<string, Place>();
  for (const [name, place] of base.children) children.set(String(name), place);
  for (const [key, place] of over.children) {
    const written = String(key);
    const name = nameOf(written);
    const at = [...path, written];
    const below = children.get(name);
    if (name !== written) children.set(name, appended(below, place, { over, mistakes, at }));
    else if (below === undefined) children.set(name, plain(place, mistakes, at));
    else if (isWrittenNull(place)) children.delete(name);
    else children.set(name, merged(below, place, mistakes, at));
  }
  return mapOf(children, over);
}

interface Appending {
  /** The map in which the key stands. */
  readonly over: Place;
  readonly mistakes: Mistake[];
  readonly at: ConfigPath;
}

function appended(below: Place | undefined, place: Place, { over, mistakes, at }: Appending): Place {
  const written = String(at.at(-1));
  const name = nameOf(written);
  const refuse = (text: string): Place => {
    const { offset, end, source } = place.key ?? place;
    mistakes.push({ path: at, offset, end, source, text });
    return place;
  };
  if (over.children.has(name)) return refuse(`${name} stands beside it: keep one of them`);
  if (!Array.isArray(place.value)) return refuse('+ before a key adds to a list: write its items below it');
  if (below !== undefined && !Array.isArray(below.value))
    return refuse(`adds to a list, and ${label([name])} is none${whereIsPlace(below)}`);
  return listOf([...itemsOf(below), ...itemsOf(place)], place);
}

/** A value that nothing is below: with lists where they are to be added to a list. */
function plain(place: Place, mistakes: Mistake[], path: ConfigPath): Place {
  const isPlain = !isMapPlace(place) || [...place.children.keys()].every((key) => !isAppending(String(key)));
  if (isPlain && !isMapPlace(place)) return place;
  const children = new Map<string, Place>();
  for (const [key, child] of place.children) {
    const at = [...path, String(key)];
    const whole = isAppending(String(key))
      ? appended(undefined, child, { over: place, mistakes, at })
      : plain(child, mistakes, at);
    children.set(nameOf(String(key)), whole);
  }
  return mapOf(children, place);
}

/** A key as it is in what comes of it. */
function nameOf(written: string): string {
  return isAppending(written) ? written.slice(APPENDS.length) : written;
}

function isAppending(written: string): boolean {
  return written.startsWith(APPENDS) && written.length > APPENDS.length;
}

function itemsOf(place: Place | undefined): readonly Place[] {
  return [...(place?.children.values() ?? [])];
}

/** And not a value that is left out. */
function isWrittenNull({ value, offset, end }: Place): boolean {
  return value === null && end > offset;
}
