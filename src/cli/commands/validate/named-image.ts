import type { Machine } from '../../../config/machine.ts';
import { isImageName } from '../../../config/values/names.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import type { VmContext } from '../../../vm/context.ts';
import { pathOfImage } from '../../../vm/image-store/named-image.ts';

/** A machine as create would have it, with the path of an image that its file names by its name. */
export async function withPathOfImage(
  machine: Machine,
  context: VmContext,
): Promise<{ readonly machine: Machine; readonly problem?: string }> {
  const { image } = machine.bootDisk;
  if (image === undefined || !isImageName(image)) return { machine };
  const withImage = (path: string | undefined): Machine => ({
    ...machine,
    bootDisk: { ...machine.bootDisk, image: path },
  });
  try {
    return { machine: withImage(await pathOfImage(image, context)) };
  } catch (error) {
    if (!(error instanceof PlowError) || error.kind === 'connection') throw error;
    return { machine: withImage(undefined), problem: error.message };
  }
}
