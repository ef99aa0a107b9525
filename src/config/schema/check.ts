import * as z from 'zod/mini';

import type { ConfigPath } from '../machine.ts';
import { label } from '../yaml/mistake.ts';
import type { Mistake } from '../yaml/mistake.ts';
import { findPlace } from '../yaml/place.ts';
import { issueText, likeliest, suggestedValue, unknownKeys } from './issues.ts';
import type { Vocabulary } from './issues.ts';
import type { YamlTree } from '../yaml/tree.ts';

/** What a kind of file must look like. */
export interface Form<T> {
  readonly schema: z.ZodMiniType<T>;
  readonly vocabulary: Vocabulary;
  /** Rules between values, which look at the file as it was written. */
  readonly rules: (value: unknown) => readonly Mistake[];
}

export type CheckedYaml<T> =
  | { readonly ok: true; readonly value: T }
  /** `config`: it is not YAML; `validation`: it breaks rules. */
  | {
      readonly ok: false;
      readonly refusal: 'config' | 'validation';
      readonly mistakes: readonly Mistake[];
    };

/** Holds a file against its form. @param value the tree's own, or with more filled in */
export function checkYaml<T>(tree: YamlTree, value: unknown, form: Form<T>): CheckedYaml<T> {
  if (tree.syntax.length > 0) {
    return { ok: false, refusal: 'config', mistakes: tree.syntax };
  }
  if (tree.unfinished !== undefined && tree.unfinished.length > 0) {
    return { ok: false, refusal: 'validation', mistakes: [...tree.unfinished, ...tree.rules] };
  }
  // jitless: to compile a parser for each map of the schema pays from some hundred files on.
  const result = z.safeParse(form.schema, value, { error: issueText, jitless: true });
  const mistakes = [
    ...tree.rules,
    ...(result.error?.issues ?? []).flatMap((issue) => toMistakes(issue, tree, form.vocabulary)),
    ...form.rules(value),
    ...tree.notations,
  ];
  return result.success && mistakes.length === 0
    ? { ok: true, value: result.data }
    : { ok: false, refusal: 'validation', mistakes: withoutEchoes(withoutConsequences(mistakes, tree)) };
}

/** @param above where the value stands that the issue is about */
function toMistakes(
  issue: z.core.$ZodIssue,
  tree: YamlTree,
  vocabulary: Vocabulary,
  above: ConfigPath = [],
): readonly Mistake[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'invalid_union') {
    return likeliest(issue.errors).flatMap((inner) => toMistakes(inner, tree, vocabulary, path));
  }
  const { place } = findPlace(tree.root, path);
  if (issue.code === 'unrecognized_keys') {
    const present = new Set([...place.children.keys()].map(String));
    return unknownKeys(vocabulary, path, issue.keys, present);
  }
  const suggestion = suggestedValue(issue, place.value);
  return [{ path, text: issue.message, ...(suggestion === undefined ? {} : { suggestion }) }];
}

/**
 * Of a map with a merge key, which is a mistake, nothing is said that it lacks: that may be in what was to be
 * merged.
 */
function withoutConsequences(mistakes: readonly Mistake[], tree: YamlTree): readonly Mistake[] {
  const merging = new Set(
    mistakes.flatMap(({ path }) => (path.at(-1) === '<<' ? [label(path.slice(0, -1))] : [])),
  );
  return mistakes.filter(
    ({ path }) => !merging.has(label(path.slice(0, -1))) || findPlace(tree.root, path).found,
  );
}

/** The first diagnostic about each value, and none about a missing key that is there but misspelt. */
function withoutEchoes(mistakes: readonly Mistake[]): readonly Mistake[] {
  const reported = new Set(
    mistakes.flatMap(({ path, atKey, suggestion }) =>
      atKey === undefined || suggestion === undefined ? [] : [label([...path.slice(0, -1), suggestion])],
    ),
  );
  return mistakes.filter(({ path, offset, source }) => {
    const place = offset === undefined ? label(path) : `${source?.file ?? ''}@${offset}`;
    const isNew = !reported.has(place);
    reported.add(place);
    return isNew;
  });
}
