import { Interrupted } from '../../errors/interrupted.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { FileMistake } from '../../errors/plow-error.ts';
import { withoutSecrets } from '../../text/secrets.ts';
import type { ErrorDocument } from '../../documents/error-schema.ts';
import type { ResultDocument } from '../../documents/result-schema.ts';
import { jsonDocument } from '../../documents/json-text.ts';

/**
 * What a command ended with, as a document for programs in one line, so that it is the last one of stderr
 * whatever notes are before it. JSON is YAML too.
 * @param error text for a bug @param host of several, whose error it is
 */
export function errorText(error: PlowError | Interrupted | string, exitCode: number, host?: string): string {
  return jsonDocument({ ...(host === undefined ? {} : { host }), ...document(error, exitCode) }, 'line');
}

function document(error: PlowError | Interrupted | string, exit_code: number): ErrorDocument {
  const nothing = { hint: null, detail: null, exit_code, mistakes: [] };
  if (error instanceof PlowError) return { error: failureEntry(error) };
  if (error instanceof Interrupted)
    return { error: { ...nothing, kind: 'interrupted', message: error.message } };
  return { error: { ...nothing, kind: 'bug', message: error } };
}

/**
 * A failure for programs, with all of somebody else's words, not the last line alone: programs choose what
 * they show.
 */
export function failureEntry(error: PlowError): FailureEntry {
  const { kind, message, hint = null, detail, exitCode: exit_code, mistakes } = error;
  const words = detail === undefined ? null : withoutSecrets(detail);
  return { kind, message, hint, detail: words, exit_code, mistakes: mistakes.map(entry) };
}

function entry({ file, line, column, key, message }: FileMistake): Entry {
  return { file: file ?? null, line: line ?? null, column: column ?? null, key: key ?? null, message };
}

type FailureEntry = NonNullable<ResultDocument['error']>;
type Entry = ErrorDocument['error']['mistakes'][number];
