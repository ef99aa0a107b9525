import type { LockedBuild } from '../../../../config/machine.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import { digestText } from '../../../../images/digest.ts';
import { shownUrl } from '../../../../text/shown-url.ts';
import type { Pulled } from '../../../../vm/pull/pull.ts';
import type { WantedImage } from '../../../../vm/pull/wanted.ts';

/**
 * What a lock says of an image that is on the hypervisor, and that has the address of its publisher: another
 * hypervisor is to bring it from there. One that was there before may have come from elsewhere, packed in
 * another way. The address has no secret: a lock is for everybody.
 * @throws PlowError (storage) where no digest of it is known
 */
export function lockedBuild(
  wanted: Pick<WantedImage, 'url' | 'version' | 'downloaded'>,
  { record, path }: Pulled,
): LockedBuild {
  const { format, content } = record;
  if (content === null)
    throw new PlowError('storage', `the record of ${path} has no digest: there is nothing to lock`, {
      hint: `plow image remove ${record.name}@${record.version} and a pull make a new one`,
    });
  const url = shownUrl(wanted.url);
  const fromThere = record.url === url ? record.downloaded : null;
  const downloaded = wanted.downloaded === undefined ? fromThere : digestText(wanted.downloaded);
  const version = wanted.version ?? record.version;
  return { version, url, format, content, ...(downloaded === null ? {} : { downloaded }) };
}
