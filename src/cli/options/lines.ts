import { InvalidArgumentError } from 'commander';
import { durationMs } from './duration.ts';

/** How many lines. @throws InvalidArgumentError */
export function lineCount(text: string): number {
  if (/^\d{1,9}$/u.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a number of lines, such as 50.');
}

/** @throws InvalidArgumentError */
export function bootNumber(text: string): number {
  if (/^[+-]?\d{1,6}$/u.test(text)) return Number(text);
  throw new InvalidArgumentError(
    'expected 0 for the last boot, -1 for the one before it, or 1 for the first.',
  );
}

/** What is so long ago, or a moment itself; without a time zone in that of this machine. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/u;

/** @throws InvalidArgumentError */
export function moment(text: string): Date {
  // A date alone would be midnight in London.
  const at = MOMENT.test(text)
    ? new Date(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'))
    : undefined;
  if (at !== undefined && !Number.isNaN(at.getTime())) return at;
  try {
    return new Date(Date.now() - durationMs(text));
  } catch {
    throw new InvalidArgumentError(
      'expected how long ago, such as 10m or 2h, or a moment such as 2026-01-02T15:00.',
    );
  }
}
