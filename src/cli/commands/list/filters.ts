import { posix } from 'node:path';
import { didYouMean } from '../../../text/nearest.ts';
import { isPattern, matcherOf } from '../../../text/pattern.ts';
import { quote } from '../../../text/quote.ts';
import type { KnownImage } from '../../../config/machine.ts';
import { VM_STATES } from '../../../documents/states.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { shellQuote } from '../../../text/shell-quote.ts';
import { isRouted } from '../../../config/values/tap.ts';
import type { VmRow } from '../../../vm/list/list.ts';

export const FILTER_KEYS = ['name', 'state', 'tag', 'bridge', 'image'] as const;

export type FilterKey = (typeof FILTER_KEYS)[number];

/** What a filter looks at: one of these texts must match. */
const LOOKS_AT: Readonly<Record<FilterKey, (row: VmRow) => readonly (string | undefined)[]>> = {
  name: ({ name }) => [name],
  state: ({ state }) => [state],
  tag: ({ own }) => own?.declared.tags ?? [],
  bridge: ({ interfaces }) => interfaces.map((one) => (isRouted(one) ? 'routed' : one.bridge)),
  image: ({ image, own }) => [
    ...(image === undefined ? [] : [image, posix.basename(image)]),
    ...namesOf(own?.declared.image),
  ],
};

function namesOf(image: KnownImage | undefined): readonly string[] {
  return image === undefined ? [] : [image.name, `${image.name}@${image.version}`];
}

export interface Filter {
  readonly key: FilterKey;
  /** As a shell matches names: `*`, `?`. */
  readonly pattern: string;
}

/** `state=running`, `name=web-*`. @throws PlowError (config) */
export function parseFilter(text: string): Filter {
  const at = text.indexOf('=');
  if (at === -1)
    throw mistake(`${quote(text)} is no filter`, 'a filter is a key and a value: --filter state=running');
  const [key, pattern] = [text.slice(0, at), text.slice(at + 1)];
  if (!isKey(key)) {
    throw mistake(
      `there is no filter ${quote(key)}${didYouMean(key, FILTER_KEYS)}`,
      `filters: ${FILTER_KEYS.join(', ')}`,
    );
  }
  if (pattern === '') throw mistake(`the filter ${key} has no value`, `for instance: --filter ${key}=...`);
  const several = pattern.split(',').filter(isState);
  if (key === 'state' && several.length > 1) {
    throw mistake(
      `${quote(pattern)} is no state`,
      `one filter for each: ${several.map((state) => `--filter ${shellQuote(`state=${state}`)}`).join(' ')}`,
    );
  }
  const isKnown = isPattern(pattern) || isState(pattern);
  if (key === 'state' && !isKnown) {
    throw mistake(
      `there is no state ${quote(pattern)}${didYouMean(pattern, VM_STATES)}`,
      `states: ${VM_STATES.join(', ')}`,
    );
  }
  return { key, pattern };
}

/** Those that match a filter of every key that is given. */
export function filtered(rows: readonly VmRow[], filters: readonly Filter[]): readonly VmRow[] {
  const keys = [...new Set(filters.map(({ key }) => key))];
  const tests = keys.map((key) => {
    const matchers = filters.filter((filter) => filter.key === key).map(({ pattern }) => matcherOf(pattern));
    return (row: VmRow): boolean =>
      LOOKS_AT[key](row).some((text) => text !== undefined && matchers.some((matches) => matches(text)));
  });
  return rows.filter((row) => tests.every((test) => test(row)));
}

function isState(word: string): boolean {
  return VM_STATES.some((state) => state === word);
}

function isKey(key: string): key is FilterKey {
  return FILTER_KEYS.some((known) => known === key);
}

function mistake(message: string, hint: string): PlowError {
  return new PlowError('config', message, { hint });
}
