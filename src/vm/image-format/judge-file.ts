import type { ImageFormat } from '../../config/machine.ts';
import { judgeHead } from './head.ts';
import { isIso, whyNoMedium } from './medium.ts';

/**
 * What a file is by its first bytes that is to have a name on a hypervisor: an image for disks, as judgeHead
 * takes it, or an install medium. An ISO that would start from a disk too is a medium.
 * @param head the first 64 KiB
 */
export function judgeFile(head: Uint8Array): { readonly format: ImageFormat } | { readonly problem: string } {
  if (!isIso(head)) return judgeHead(head);
  const problem = whyNoMedium(head);
  return problem === undefined ? { format: 'iso' } : { problem };
}
