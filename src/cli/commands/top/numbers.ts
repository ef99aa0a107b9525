import { InvalidArgumentError } from 'commander';
import { durationMs } from '../../options/duration.ts';

const LEAST_MS = 500;

/** Milliseconds of `2s` or `500ms`. @throws InvalidArgumentError */
export function intervalMs(text: string): number {
  const milliseconds = durationMs(text);
  if (milliseconds >= LEAST_MS) return milliseconds;
  throw new InvalidArgumentError('expected 500ms or more.');
}

/** How many tables. @throws InvalidArgumentError */
export function tableCount(text: string): number {
  if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number, 1 or more.');
}
