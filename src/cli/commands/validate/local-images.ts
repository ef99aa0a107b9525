import { posix } from 'node:path';
import type { CheckedText } from '../../../config/vm-file/check.ts';
import { refused } from '../../../config/vm-file/local-image.ts';
import type { Machine } from '../../../config/machine.ts';
import type { ComingImage } from '../../../vm/host/inspection.ts';
import { judgeLocalImage } from '../../../vm/upload/judge.ts';
import { imageDirectory } from '../../../vm/image-store/directory.ts';

/**
 * The files, those of which name images of this machine that are none with that mistake.
 * @throws PlowError
 */
export function withImagesJudged(files: readonly CheckedText[]): Promise<readonly CheckedText[]> {
  return Promise.all(
    files.map(async (file) => {
      const { localImage, machine } = file;
      if (localImage === undefined || machine === undefined) return file;
      const judged = await judgeLocalImage(localImage, machine);
      return 'format' in judged ? file : refused(file, judged.path, judged.text);
    }),
  );
}

/** A machine as create would have it once its image is brought, which nobody reads for a look. */
export async function asBrought(
  machine: Machine,
  { localImage }: Pick<CheckedText, 'localImage'>,
  storagePath: string,
): Promise<{ readonly machine: Machine; readonly coming: ComingImage | undefined }> {
  const judged = localImage && (await judgeLocalImage(localImage, machine));
  if (localImage === undefined || judged === undefined || !('format' in judged))
    return { machine, coming: undefined };
  const image = posix.join(imageDirectory(storagePath), posix.basename(localImage.path));
  return {
    machine: { ...machine, bootDisk: { ...machine.bootDisk, image } },
    coming: { format: judged.format, allocationBytes: localImage.bytes },
  };
}
