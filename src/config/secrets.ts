import { nearest } from './nearest.ts';
import type { Place } from './place.ts';
import { SECRET } from './show.ts';

/** Offsets into a text: the first, and the one behind the last. */
export type Range = readonly [from: number, to: number];

/** Words of keys that have secrets as their values, whatever those look like. */
const WORDS = '(?:pass|pas?w|secret|token|hash|credential|private|(?:^|[^a-z0-9])pwd?(?![a-z0-9]))';
const SECRET_KEY = new RegExp(WORDS, 'i');
/** Such a key and its colon, in a comment as well. Bounded, so that a line of nothing else costs no seconds. */
const KEY_IN_LINE = new RegExp(`${WORDS}[\\w"'-]{0,60}\\s{0,60}[:=]`, 'i');
/** A key written out with a question mark: its value is on another line. */
const LONG_KEY_IN_LINE = new RegExp(`^\\s*(?:- +)*\\?\\s.*?${WORDS}`, 'i');
const PLAIN_KEY = /^\s*(?:- +)*["']?[\w-]+["']?\s*:(?:\s|$)/;

/** Long, and of the signs that hashes and keys are made of. */
const LONG_RUN = /[\w./+=-]{40,}/g;

/**
 * Where a text holds secrets: values of keys that have them, whatever they are, and hashes and private keys wherever
 * they stand. A text that is not YAML has no places, and one that is has comments: so its lines are looked at as well.
 * @returns in order, none touching another
 */
export function secretRanges(text: string, root: Place): readonly Range[] {
  const found = [...rangesOfPlace(root, false), ...rangesOfLines(text), ...rangesOfRuns(text)];
  const merged: Range[] = [];
  for (const [from, to] of found.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) {
      merged[merged.length - 1] = [last[0], Math.max(last[1], to)];
    } else if (from < to) {
      merged.push([from, to]);
    }
  }
  return merged;
}

function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key) || nearest(key, ['root_password_hash']) !== undefined;
}

function* rangesOfPlace(place: Place, inherited: boolean): Generator<Range> {
  const hidden = inherited || (typeof place.value === 'string' && SECRET.test(place.value));
  for (let one: Place | undefined = hidden ? place : undefined; one !== undefined; one = one.original) {
    yield [one.offset, one.end];
  }
  for (const [name, child] of place.children) {
    if (typeof name === 'string' && SECRET.test(name) && child.key !== undefined) {
      yield [child.key.offset, child.key.end];
    }
    yield* rangesOfPlace(child, hidden || (typeof name === 'string' && isSecretKey(name)));
  }
}

/** A secret that goes on in the next line: up to the end of a private key, or as far as lines are indented more. */
type Open = { readonly endsWith: RegExp } | { readonly indentation: number } | undefined;

function* rangesOfLines(text: string): Generator<Range> {
  let open: Open;
  let offset = 0;
  for (const line of text.split('\n')) {
    if (goesOn(open, line)) {
      yield [offset + indentationOf(line), offset + line.length];
      open = open !== undefined && 'endsWith' in open && open.endsWith.test(line) ? undefined : open;
    } else {
      const start = secretIn(line);
      open = start === undefined ? undefined : opened(line, start);
      if (start !== undefined) {
        yield [offset + start, offset + line.length];
      }
    }
    offset += line.length + 1;
  }
}

function goesOn(open: Open, line: string): boolean {
  if (open === undefined || 'endsWith' in open || line.trim() === '') {
    return open !== undefined;
  }
  return indentationOf(line) > open.indentation || !PLAIN_KEY.test(line);
}

/** Where in a line the secret begins that it holds. */
function secretIn(line: string): number | undefined {
  if (line.includes('PRIVATE KEY')) {
    return indentationOf(line);
  }
  const key = KEY_IN_LINE.exec(line) ?? LONG_KEY_IN_LINE.exec(line);
  const starts = [key === null ? -1 : key.index + key[0].length, line.search(SECRET)].filter((at) => at >= 0);
  return starts.length === 0 ? undefined : afterBlanks(line, Math.min(...starts));
}

function afterBlanks(line: string, start: number): number {
  return start + indentationOf(line.slice(start));
}

function opened(line: string, start: number): Open {
  if (line.includes('PRIVATE KEY')) {
    return line.includes('END ') ? undefined : { endsWith: /END .*PRIVATE KEY/ };
  }
  return line.slice(0, start).includes('#') ? undefined : { indentation: indentationOf(line) };
}

function indentationOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Paths are long as well, but begin with a slash; public keys begin with the length of their type. */
function* rangesOfRuns(text: string): Generator<Range> {
  for (const { 0: run, index } of text.matchAll(LONG_RUN)) {
    const random = /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run);
    if (random && !run.startsWith('/') && !run.startsWith('AAAA')) {
      yield [index, index + run.length];
    }
  }
}
