import type * as z from 'zod/mini';

import type { ConfigPath } from '../machine.ts';
import type { Mistake } from '../yaml/mistake.ts';
import { meantKey, nearest, orDidYouMean } from '../../text/nearest.ts';
import { quote, show } from '../../text/quote.ts';

/** The keys that a kind of file knows. */
export interface Vocabulary {
  /** Those that a map at this place may have. */
  readonly knownKeys: (path: ConfigPath) => readonly string[];
  /** The parts of the file that know a key: for one that was indented wrongly. */
  readonly partsWith: (key: string) => readonly string[];
}

/** A value of the wrong type or out of bounds, in words. Rules of our own bring their words along. */
export function issueText(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'invalid_type') {
    return typeText(issue);
  }
  if (issue.code === 'invalid_value') {
    return choiceText(issue);
  }
  if (issue.code === 'too_small') {
    return lengthText('at least', Number(issue.minimum), issue.input);
  }
  return issue.code === 'too_big'
    ? lengthText('at most', Number(issue.maximum), issue.input)
    : 'is not valid';
}

/**
 * Of the alternatives that a value can be, the issues of the one it was meant to be: the first that accepts
 * its type, else the first of all. @param alternatives issues of each
 */
export function likeliest(
  alternatives: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] {
  return (
    alternatives.find((issues) => !issues.some(wrongType) && !isAnotherMap(issues)) ?? alternatives[0] ?? []
  );
}

/** A map that lacks what it must have, and has nothing that could be it. */
function isAnotherMap(issues: readonly z.core.$ZodIssue[]): boolean {
  const missing = issues.flatMap(({ code, path }) => (code === 'invalid_type' ? path.map(String) : []));
  const keys = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  return missing.length > 0 && keys.length > 0 && keys.every((key) => nearest(key, missing) === undefined);
}

function wrongType({ code, path }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' && path.length === 0;
}

/** One mistake for each unknown key. `present` are the keys that the map has. */
export function unknownKeys(
  vocabulary: Vocabulary,
  path: ConfigPath,
  keys: readonly string[],
  present: ReadonlySet<string>,
): Mistake[] {
  const known = vocabulary.knownKeys(path);
  const free = known.filter((key) => !present.has(key));
  return keys.map((key) => {
    const suggestion = meantKey(key, free);
    const help = orDidYouMean(suggestion) || `; ${elsewhere(vocabulary, path, key)}`;
    const mistake = { path: [...path, key], text: `unknown key${help}`, atKey: true } as const;
    return suggestion === undefined ? mistake : { ...mistake, suggestion };
  });
}

/** More are no help. */
const MOST_HOMES = 3;

function elsewhere({ knownKeys, partsWith }: Vocabulary, path: ConfigPath, key: string): string {
  if (key === '<<') {
    return 'merge keys are not supported, write the keys out';
  }
  if (key.startsWith('x-')) {
    return "there are no keys of one's own, write what is in it where it belongs";
  }
  const below = knownKeys(path).filter((part) => knownKeys([...path, part]).includes(key));
  const isBelow = below.length > 0;
  const homes = isBelow && path.length > 0 ? below.map((part) => [...path, part].join('.')) : partsWith(key);
  // Where a map of names lies below, each of them would take it.
  if (homes.length > 0 && homes.length <= MOST_HOMES) {
    return `it belongs under ${homes.join(' or ')}`;
  }
  return path.length > 0 && knownKeys([]).includes(key)
    ? 'it belongs at the top level, without indentation'
    : `known here are ${knownKeys(path).join(', ')}`;
}

/** The value that was likely meant by one of the wrong type or set. */
export function suggestedValue(
  {
    code,
    expected,
    values,
  }: { readonly code?: unknown; readonly expected?: unknown; readonly values?: unknown },
  input: unknown,
): string | undefined {
  if (typeof input !== 'string') {
    return undefined;
  }
  if (code === 'invalid_value' && Array.isArray(values)) {
    return nearest(input, values.map(String));
  }
  return expected === 'boolean' ? TRUTH.get(input.trim().toLowerCase()) : undefined;
}

/** What YAML 1.1 took for true and false, and the two in quotes. */
const TRUTH: ReadonlyMap<string, string> = new Map([
  ...['true', 'yes', 'on', 'y'].map((word) => [word, 'true'] as const),
  ...['false', 'no', 'off', 'n'].map((word) => [word, 'false'] as const),
]);

const EXPECTED: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  object: 'a map of keys',
  record: 'a map of keys',
  string: 'text',
};

function typeText(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  const { expected, input } = issue;
  const wanted = EXPECTED[expected] ?? expected;
  if (input === undefined) {
    return `is required (${wanted})`;
  }
  const hint = input === null ? '' : typeHint(expected, input);
  const help = hint === '' ? didYouMean(suggestedValue(issue, input)) : ` (${hint})`;
  return `expected ${wanted}, found ${show(input)}${help}`;
}

function typeHint(expected: string, input: unknown): string {
  if (expected === 'string') {
    return 'put it in quotes';
  }
  if (expected === 'array') {
    return 'write each item on a line of its own, after "- "';
  }
  if (typeof input !== 'string') {
    return '';
  }
  const text = input.trim().toLowerCase();
  if (expected === 'boolean') {
    return /^(?:true|false)$/.test(text) ? 'remove the quotes' : '';
  }
  if (/^[0-9]+$/.test(text)) {
    return 'remove the quotes';
  }
  return /^[0-9]+\s*[kmgt]i?b?$/.test(text) ? 'write the number alone, its unit is fixed' : '';
}

function choiceText(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidValue>): string {
  const { input, values } = issue;
  const found = typeof input === 'string' ? quote(input) : show(input);
  return `must be ${values.map(String).join(' or ')}, got ${found}${didYouMean(suggestedValue(issue, input))}`;
}

function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
}

function lengthText(bound: string, limit: number, input: unknown): string {
  const count = Array.isArray(input) ? input.length : 0;
  return `must have ${bound} ${limit} ${limit === 1 ? 'item' : 'items'}, has ${count}`;
}
