import { nearest } from '../../text/nearest.ts';
import type { ConfigPath } from '../machine.ts';
import type { Place } from '../yaml/place.ts';
import { findSecret, randomRuns, SECRET_WORDS } from '../../text/secrets.ts';

/** Offsets into a text: the first, and the one behind the last. */
export type Range = readonly [from: number, to: number];

const SECRET_KEY = new RegExp(SECRET_WORDS, 'i');
/** Keys of cloud_init whose values may say anything. */
const OF_THE_SEED: ReadonlySet<string> = new Set(['content', 'runcmd']);
/** Keys of lists of public keys, where a piece of a private one may stand by mistake. */
const KEYS_KEY = /keys?$/i;
const PUBLIC_KEY = /^\s*(?:ssh-|ecdsa-|sk-)/;
/**
 * A key that has a secret, and its colon, in a comment as well. Bounded, so that a line of nothing else costs
 * no seconds.
 */
const KEY_IN_LINE = new RegExp(`${SECRET_WORDS}[\\w"'-]{0,60}\\s{0,60}[:=]`, 'i');
/** A key written out with a question mark: its value is on another line. */
const LONG_KEY_IN_LINE = new RegExp(`^\\s*(?:- +)*\\?\\s.*?${SECRET_WORDS}`, 'i');
const PLAIN_KEY = /^\s*(?:- +)*["']?[\w-]+["']?\s*:(?:\s|$)/;

/**
 * Where a text holds secrets: values of keys that have them, whatever they are, and hashes and private keys
 * wherever they stand. A text that is not YAML has no places, and one that is has comments: so its lines are
 * looked at as well.
 * @returns in order, none touching another
 */
export function secretRanges(text: string, root: Place): readonly Range[] {
  return joined([...rangesOfPlace(root, 'plain'), ...rangesOfLines(text), ...randomRuns(text)]);
}

/** Ranges in order, none touching another. */
export function joined(found: readonly Range[]): readonly Range[] {
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

/** Whether what is called so is a secret, whatever it looks like. */
export function isSecretKey(name: string): boolean {
  return contentBelow(name, 'plain') === 'secret';
}

/** Whether a text is a secret where it is. */
export function isSecretAt(path: ConfigPath, text: string): boolean {
  const content = path.reduce((above: Content, key) => contentBelow(key, above), 'plain');
  return content === 'secret' || isSecret(text, content);
}

/** What the values below a key are. */
type Content = 'plain' | 'public keys' | 'secret';

function contentBelow(key: string | number, content: Content): Content {
  if (typeof key === 'number' || content === 'secret') {
    return content;
  }
  if (SECRET_KEY.test(key) || OF_THE_SEED.has(key) || nearest(key, ['root_password_hash']) !== undefined) {
    return 'secret';
  }
  return KEYS_KEY.test(key) ? 'public keys' : content;
}

function* rangesOfPlace(place: Place, content: Content): Generator<Range> {
  const hidden = content === 'secret' || (typeof place.value === 'string' && isSecret(place.value, content));
  for (let one: Place | undefined = hidden ? place : undefined; one !== undefined; one = one.original) {
    yield [one.offset, one.end];
  }
  for (const [name, child] of place.children) {
    if (typeof name === 'string' && findSecret(name) >= 0 && child.key !== undefined) {
      yield [child.key.offset, child.key.end];
    }
    yield* rangesOfPlace(child, contentBelow(name, content));
  }
}

function isSecret(text: string, content: Content): boolean {
  return findSecret(text) >= 0 || (content === 'public keys' && !PUBLIC_KEY.test(text));
}

/**
 * A secret that goes on in the next line: up to the end of a private key, or as far as lines are indented
 * more.
 */
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
  const starts = [key === null ? -1 : key.index + key[0].length, findSecret(line)].filter((at) => at >= 0);
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
