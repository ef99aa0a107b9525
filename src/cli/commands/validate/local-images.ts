import { posix } from 'node:path';
import type { CheckedText } from '../../../config/vm-file/check.ts';
import { refused } from '../../../config/vm-file/images/local-image.ts';
import type { LocalImage, Machine } from '../../../config/machine.ts';
import type { Begins } from '../../../vm/create/preflight.ts';
import { judgeLocalImage, judgeLocalMedium } from '../../../vm/upload/judge.ts';
import { imageDirectory } from '../../../vm/image-store/directory.ts';

/**
 * The files, those of which name images of this machine that are none with that mistake.
 * @throws PlowError
 */
export function withImagesJudged(files: readonly CheckedText[]): Promise<readonly CheckedText[]> {
  return Promise.all(
    files.map(async (file) => {
      const { localImage, localMedium, machine } = file;
      if (machine === undefined) return file;
      const judged = [
        localImage && (await judgeLocalImage(localImage, machine)),
        localMedium && (await judgeLocalMedium(localMedium)),
      ].filter((one) => one !== undefined);
      return judged.reduce((sum, one) => ('format' in one ? sum : refused(sum, one.path, one.text)), file);
    }),
  );
}

/** A machine as create would have it once its images are brought, which nobody reads for a look. */
export async function asBrought(
  machine: Machine,
  { localImage, localMedium }: Pick<CheckedText, 'localImage' | 'localMedium'>,
  storagePath: string,
): Promise<{ readonly machine: Machine } & Pick<Begins, 'coming' | 'isMediumComing'>> {
  const pathOf = (file: LocalImage): string =>
    posix.join(imageDirectory(storagePath), posix.basename(file.path));
  const judged = localImage && (await judgeLocalImage(localImage, machine));
  const { bootDisk, cdrom } = machine;
  const isSound = localImage !== undefined && judged !== undefined && 'format' in judged;
  return {
    machine: {
      ...machine,
      ...(isSound ? { bootDisk: { ...bootDisk, image: pathOf(localImage) } } : {}),
      ...(localMedium && cdrom ? { cdrom: { ...cdrom, image: pathOf(localMedium) } } : {}),
    },
    coming: isSound ? { format: judged.format, allocationBytes: localImage.bytes } : undefined,
    isMediumComing: localMedium !== undefined,
  };
}
