import type { PlowError } from '../errors/plow-error.ts';
import { printable } from './printable.ts';

/** An error as lines for stderr: a line per mistake, then what to do, then libvirt's own words if they are wanted. */
export function failureLines(error: PlowError, verbose: boolean): readonly string[] {
  const lines = error.message.split('\n').map((line) => `error: ${printable(line)}`);
  if (error.hint !== undefined) lines.push(`hint: ${printable(error.hint)}`);
  if (error.detail !== undefined) {
    if (verbose) lines.push(...error.detail.split('\n').map((line) => `detail: ${printable(line)}`));
    else if (error.hint === undefined) lines.push('hint: --verbose shows what libvirt said');
  }
  return lines;
}
