import * as z from 'zod/mini';

/** What an editor is told of a value besides its type. */
interface EditorHints {
  readonly examples?: readonly unknown[];
  /** Where the default depends on something else, so that the schema cannot fill it in. */
  readonly default?: unknown;
}

/** Every key has a sentence, which the JSON Schema and docs/vm-file-reference.md repeat. */
export function described<T extends z.ZodMiniType>(description: string, schema: T, hints: EditorHints = {}): T {
  const { examples, ...rest } = hints;
  return schema.check(
    z.meta({ description, ...rest, ...(examples === undefined ? {} : { examples: [...examples] }) }),
  );
}

/** Says what is wrong with a text; undefined: nothing. */
type TextRule = (text: string) => string | undefined;

/** A rule of our own, as a check of zod's. */
export function rule(find: TextRule): z.core.CheckFn<string> {
  return ({ value, issues }) => {
    const message = find(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: value });
  };
}

/**
 * A text under a rule of our own, which says what is wrong in words.
 * @param pattern for editors, which cannot run the rule: lets pass all that the rule does, and perhaps more
 */
export function ruled(find: TextRule, pattern?: string): z.ZodMiniString {
  const text = z.string().check(rule(find));
  return pattern === undefined ? text : text.check(z.meta({ pattern }));
}

/**
 * @param why explains the upper bound
 * @param instead what to write for a positive number that is not whole
 */
export function wholeNumber(
  least: number,
  most: number,
  why: string,
  instead?: (value: number) => string,
): z.ZodMiniNumberFormat {
  // int() has bounds of its own, those of exact numbers, and must not speak of them.
  const error = ({ code, input }: z.core.$ZodRawIssue): string | undefined => {
    const number = typeof input === 'number' ? input : undefined;
    if (code === 'too_big') return `must be at most ${most} (${why}), got ${String(input)}`;
    if (code === 'too_small') return `must be at least ${least}, got ${String(input)}`;
    return number !== undefined && Number.isFinite(number) && number > 0 ? instead?.(number) : undefined;
  };
  return z.int({ error }).check(z.minimum(least, { error }), z.maximum(most, { error }));
}

/** As wholeNumber, for a count from 1. */
export function count(most: number, why: string, instead?: (value: number) => string): z.ZodMiniNumberFormat {
  return wholeNumber(1, most, why, instead);
}
