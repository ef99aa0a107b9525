import type { LoadedMachine, Machine } from '../../../config/machine.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import type { VmContext } from '../../../vm/context.ts';
import { withKnownImage } from '../../../vm/image-store/named-image.ts';

/** A machine as create would have it, with the path of an image that was pulled, and what that needs. */
export async function withPathOfImage(
  { machine, ...said }: Pick<LoadedMachine, 'machine' | 'isSaid' | 'imageLock'>,
  context: VmContext,
): Promise<{ readonly machine: Machine; readonly problem?: string }> {
  try {
    return { machine: await withKnownImage(machine, said, context) };
  } catch (error) {
    if (!(error instanceof PlowError) || error.kind === 'connection') throw error;
    const bootDisk = { ...machine.bootDisk, image: undefined };
    return { machine: { ...machine, bootDisk }, problem: error.message };
  }
}
