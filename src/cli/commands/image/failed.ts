import { gravestOf, PlowError } from '../../../errors/plow-error.ts';

/** An image with which it did not go well. */
export interface Failed {
  readonly error: PlowError;
  readonly name: string;
}

/**
 * Once all were tried. @param count of all
 * @throws PlowError that of one that is alone, else one that names all that failed, as grave as the worst
 */
export function throwFailed(failed: readonly Failed[], count: number): void {
  const worst = gravestOf(failed, ({ error }) => error);
  if (worst === undefined) return;
  if (count === 1) throw worst.error;
  const names = failed.map(({ name }) => name).join(', ');
  throw new PlowError(worst.error.kind, `of ${count} images ${failed.length} failed: ${names}`);
}
