import { gravestOf, PlowError } from '../../../errors/plow-error.ts';
import { things } from '../../../views/gc/lines.ts';

/**
 * What gc ends with; undefined where all went that was to go, or turned out to be needed.
 * @param count of things that were to go @param inPart those of which something is left
 */
export function verdictOf(
  count: number,
  errors: readonly PlowError[],
  inPart: readonly string[],
): PlowError | undefined {
  const worst = gravestOf(errors, (error) => error);
  const [part] = inPart;
  if (worst !== undefined && (count === 1 || worst.kind === 'connection')) return worst;
  if (worst !== undefined) {
    const also = part === undefined ? '' : `, and ${inPart.length} only in part`;
    const kind = part === undefined ? worst.kind : 'storage';
    return new PlowError(kind, `${errors.length} of ${things(count)} could not be removed${also}`);
  }
  if (part === undefined) return undefined;
  const which = count === 1 ? part : `${inPart.length} of ${things(count)}`;
  const verb = inPart.length === 1 ? 'was' : 'were';
  return new PlowError('storage', `${which} ${verb} removed only in part`, {
    hint: 'what is left, and why, is told above',
  });
}
