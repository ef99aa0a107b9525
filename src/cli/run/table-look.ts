import type { TableLook } from '../../terminal/table.ts';
import type { Environment } from '../environment.ts';

/**
 * How a table is drawn here. Nothing is shortened in a pipe, nor for a terminal that does not know its width
 * and says 0.
 * @param isWhole it is not shortened anywhere
 */
export async function tableLook({ output, columns }: Environment, isWhole = false): Promise<TableLook> {
  return {
    width: !isWhole && output.interactive && columns !== 0 ? columns : undefined,
    paint: output.color ? (await import('../../terminal/colours.ts')).paint : undefined,
  };
}
