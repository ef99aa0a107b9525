import { HypervisorError } from '../../errors/hypervisor-error.ts';
import type { PlowError } from '../../errors/plow-error.ts';
import { Verdict } from '../../errors/verdict.ts';
import { withoutSecrets } from '../../text/secrets.ts';
import { printable } from '../../text/printable.ts';

/**
 * An error as lines for stderr: a line per mistake, then libvirt's own words, then what to do. Of the words
 * the last line, which says it, or all with `verbose`. @param host of several, whose error it is
 */
export function failureLines(error: PlowError, verbose: boolean, host?: string): readonly string[] {
  const { message, hint, detail } = error;
  const of = host === undefined ? '' : `${printable(host)}: `;
  const lines = message.split('\n').map((line) => `error: ${of}${printable(line)}`);
  if (error instanceof Verdict) lines.push(...consoleLines(error));
  const words = error instanceof Verdict ? [] : wordsOf(error);
  const last = words.at(-1);
  if (verbose && detail !== undefined && !(error instanceof Verdict)) {
    lines.push(
      ...withoutSecrets(detail)
        .split('\n')
        .map((line) => `detail: ${printable(line)}`),
    );
  } else if (last !== undefined && !message.includes(last)) lines.push(`detail: ${printable(last)}`);
  if (hint !== undefined) lines.push(`hint: ${printable(hint)}`);
  else if (!verbose && words.length > 1) lines.push('hint: --verbose shows all that libvirt said');
  return lines;
}

/** What a guest said last. */
function consoleLines({ lastLines }: Verdict): readonly string[] {
  return lastLines.map((line) => `console: ${printable(withoutSecrets(line))}`);
}

/** What somebody else said of an error, in their own words, without passwords. */
function wordsOf({ cause, detail = '' }: PlowError): readonly string[] {
  const words = cause instanceof HypervisorError ? cause.message : detail;
  return withoutSecrets(words)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
