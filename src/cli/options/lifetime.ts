import { InvalidArgumentError } from 'commander';
import { lifetimeMinutes } from '../../config/values/lifetime.ts';

/** Minutes of `45m`, `12h`, `7d` or `2w`. @throws InvalidArgumentError */
export function lifetime(text: string): number {
  const minutes = lifetimeMinutes(text);
  if (minutes !== undefined) return minutes;
  throw new InvalidArgumentError('expected a time such as 45m, 12h, 7d or 2w, and at most ten years.');
}

/** As lifetime, or `never`. @throws InvalidArgumentError */
export function lifetimeOrNever(text: string): number | 'never' {
  return text === 'never' ? text : lifetime(text);
}
