import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import type { ComingImage, Inspection } from '../host/inspection.ts';
import { withRepair } from '../host-problem.ts';
import type { ImageAgain } from './again.ts';
import { whyChangeable, whyLink, whyOutside } from './place.ts';

/**
 * Looks at the place of a base image that is still to be brought there, and complains if none may be.
 * @throws HypervisorError
 */
export async function inspectComing(
  image: string,
  coming: ComingImage,
  inspection: Inspection,
): Promise<ComingImage & ImageAgain> {
  const problem = await whyNotBrought(image, inspection);
  if (problem !== undefined) inspection.report(['boot_disk', 'image'], problem);
  return {
    ...coming,
    check: () => Promise.reject(notThere(image)),
    withVolume: () => Promise.reject(notThere(image)),
  };
}

/** Why an image, or a medium, may not lie where it is to be brought. @throws HypervisorError */
export async function whyNotBrought(
  image: string,
  { context: { imageDirs, hypervisor }, directories, host }: Inspection,
): Promise<string | undefined> {
  const directory = posix.dirname(image);
  const facts = await directories.facts(directory);
  const there = typeof facts === 'object' ? facts : undefined;
  const changeable = whyChangeable(directory, 'directory', there?.permissions, host);
  return (
    whyOutside(image, imageDirs) ??
    (there && (await whyLink(directory, imageDirs, hypervisor))) ??
    (changeable && withRepair(changeable))
  );
}

/** A bug: what is to begin as an image is made once that is there. */
function notThere(image: string): PlowError {
  return new PlowError('storage', `${image} was not brought there`);
}
