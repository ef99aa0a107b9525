import type { LockedBuild } from '../../../../config/machine.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import { shownUrl } from '../../../../text/shown-url.ts';
import type { Pulled } from '../../../../vm/pull/pull.ts';
import type { WantedImage } from '../../../../vm/pull/wanted.ts';

/**
 * What a lock says of an image that is on the hypervisor. Its address has no secret: a lock is for everybody.
 * @throws PlowError (storage) where no digest of it is known
 */
export function lockedBuild({ url }: Pick<WantedImage, 'url'>, { record, path }: Pulled): LockedBuild {
  const { version, format, content, downloaded } = record;
  if (content === null)
    throw new PlowError('storage', `the record of ${path} has no digest: there is nothing to lock`, {
      hint: `plow image remove ${record.name}@${version} and a pull make a new one`,
    });
  return { version, url: shownUrl(url), format, content, ...(downloaded === null ? {} : { downloaded }) };
}
