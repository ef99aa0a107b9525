import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { '': 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** Nobody waits longer, and a timer of node's cannot be longer than 24 days. */
const MOST_MS = 24 * 3_600_000;

/** Milliseconds of `90s`, `1.5m` or `30`, which are seconds. @throws InvalidArgumentError */
export function durationMs(text: string): number {
  const { count, unit = '' } = /^(?<count>\d+(?:\.\d+)?)(?<unit>ms|s|m|h)?$/u.exec(text)?.groups ?? {};
  const milliseconds = Math.round(Number(count) * (UNITS[unit] ?? Number.NaN));
  if (milliseconds <= MOST_MS) return milliseconds;
  throw new InvalidArgumentError('expected a time such as 90s, 2m or 0, and at most 24h.');
}

/** As durationMs, of a wait that --force would make none. @throws InvalidArgumentError */
export function someTimeMs(text: string): number {
  const milliseconds = durationMs(text);
  if (milliseconds > 0) return milliseconds;
  throw new InvalidArgumentError('expected a time such as 90s or 5m. --force does not wait.');
}
