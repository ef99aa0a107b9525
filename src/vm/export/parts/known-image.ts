import type { KnownImage } from '../../../config/machine.ts';
import type { VmContext } from '../../context.ts';
import { imageAt } from '../../image-store/named-image.ts';
import { backingOf, bootDiskOf } from '../disks.ts';
import type { Evidence } from '../evidence.ts';

/**
 * The image that a boot disk was made of, or stands on, as its record has it now. Undefined without one,
 * where that cannot be seen, and where it is another image than the VM was made of. Of a path that is not
 * among those that were pulled nobody is asked. @throws PlowError
 */
export async function knownImage(
  evidence: Pick<Evidence, 'facts' | 'metadata' | 'seed' | 'volumes'>,
  context: VmContext,
): Promise<KnownImage | undefined> {
  const { metadata } = evidence;
  const disk = bootDiskOf(evidence);
  const path = metadata === undefined ? disk && backingOf(disk, evidence) : metadata.declared.bootDisk.image;
  const found = path === undefined ? undefined : await imageAt(path, context);
  const made = metadata?.declared.image;
  if (found === undefined || made === undefined) return found;
  const isSame = made.name === found.name && made.version === found.version && made.digest === found.digest;
  return isSame ? found : undefined;
}
