import type * as z from 'zod/mini';

import type { ConfigPath } from './machine.ts';
import type { Mistake } from './mistakes.ts';
import { nearest } from './nearest.ts';
import { knownKeys, partsWith } from './schema.ts';
import { quote, show } from './show.ts';

/** A value of the wrong type or out of bounds, in words. Rules of our own bring their words along. */
export function issueText(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'invalid_type') {
    return typeText(issue.expected, issue.input);
  }
  if (issue.code === 'invalid_value') {
    return choiceText(issue.values.map(String), issue.input);
  }
  if (issue.code === 'too_small') {
    return lengthText('at least', Number(issue.minimum), issue.input);
  }
  return issue.code === 'too_big'
    ? lengthText('at most', Number(issue.maximum), issue.input)
    : 'is not valid';
}

/** One mistake for each unknown key. `present` are the keys that the map has. */
export function unknownKeys(
  path: ConfigPath,
  keys: readonly string[],
  present: ReadonlySet<string>,
): Mistake[] {
  const known = knownKeys(path);
  const free = known.filter((key) => !present.has(key));
  return keys.map((key) => {
    const meant = nearest(key, free);
    const text = `unknown key; ${meant === undefined ? elsewhere(path, key, known) : `did you mean '${meant}'?`}`;
    return { path: [...path, key], text, atKey: true, ...(meant === undefined ? {} : { meant }) };
  });
}

function elsewhere(path: ConfigPath, key: string, known: readonly string[]): string {
  if (key === '<<') {
    return 'merge keys are not supported, write the keys out';
  }
  const homes = path.length === 0 ? partsWith(key) : [];
  if (homes.length > 0) {
    return `it belongs under ${homes.join(' or ')}`;
  }
  return path.length > 0 && knownKeys([]).includes(key)
    ? 'it belongs at the top level, without indentation'
    : `known here are ${known.join(', ')}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  object: 'a map of keys',
  string: 'text',
};

function typeText(expected: string, input: unknown): string {
  const wanted = EXPECTED[expected] ?? expected;
  if (input === undefined) {
    return `is required (${wanted})`;
  }
  const hint = input === null ? '' : typeHint(expected, input);
  return `expected ${wanted}, found ${show(input)}${hint === '' ? '' : ` (${hint})`}`;
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

function choiceText(choices: readonly string[], input: unknown): string {
  const meant = typeof input === 'string' ? nearest(input, choices) : undefined;
  const found = typeof input === 'string' ? quote(input) : show(input);
  return `must be ${choices.join(' or ')}, got ${found}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function lengthText(bound: string, limit: number, input: unknown): string {
  const count = Array.isArray(input) ? input.length : 0;
  return `must have ${bound} ${limit} ${limit === 1 ? 'item' : 'items'}, has ${count}`;
}
