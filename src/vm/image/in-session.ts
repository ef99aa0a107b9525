import { posix } from 'node:path';
import { shellQuote } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';

/** Of an image of which a session's libvirt knows nothing. */
export const NOT_FOR_YOU = 'is not there, or not readable for you';

/** What a session's user may not open their libvirt and QEMU may not either. */
export function isClosedToSession(here: unknown, { hypervisor }: Pick<VmContext, 'hypervisor'>): boolean {
  return hypervisor.isSession && here === 'EACCES';
}

/** libvirt leaves out of a pool what its user may not open: in a session that is no proof of absence. */
export function whyAbsent(here: unknown, { hypervisor }: Pick<VmContext, 'hypervisor'>): string {
  const isSure = !hypervisor.isSession || here === 'ENOENT';
  return isSure ? 'does not exist on the hypervisor' : NOT_FOR_YOU;
}

/** libvirt looks into a directory as a whole: to pass through it does not help. */
export function openingDirectory(image: string, storagePath: string): string {
  const { dir, base } = posix.parse(image);
  const command = `install -D -m 0644 ${shellQuote(image)} ${shellQuote(posix.join(storagePath, base))}`;
  return `a session's libvirt may not look into ${dir}: copy the image, ${command}, and give that`;
}
