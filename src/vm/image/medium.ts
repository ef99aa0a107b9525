import type { ConfigPath, Machine } from '../../config/machine.ts';
import { explaining } from '../failure.ts';
import { whyNoMedium } from '../image-format/medium.ts';
import type { Inspection } from '../host/inspection.ts';
import { whyNotLookedAt } from './check.ts';
import { findImage, unusable } from './found.ts';

/** As libvirt takes what is in a drive. */
const SEEN_AS: ReadonlySet<string> = new Set(['raw', 'iso']);

/** As QEMU opens it: no chain is looked for. */
const IN_DRIVE = { format: 'raw', cache: 'writeback' } as const;

/**
 * Looks at the ISO that a machine has in its drive, and complains if a VM cannot have it there.
 * @throws PlowError
 */
export async function inspectMediumOf({ cdrom }: Machine, inspection: Inspection): Promise<void> {
  if (cdrom?.image !== undefined) await inspectMedium(cdrom.image, ['cdrom', 'image'], inspection);
}

/** As inspectMediumOf, of one that a key or a command names. @throws PlowError */
export async function inspectMedium(image: string, key: ConfigPath, inspection: Inspection): Promise<void> {
  const looking = whyNot(image, key, inspection);
  const problem = await explaining(looking, 'storage', `cannot look at the medium ${image}`);
  if (problem !== undefined) inspection.report(key, problem);
}

async function whyNot(image: string, key: ConfigPath, inspection: Inspection): Promise<string | undefined> {
  const refused = await whyNotLookedAt(image, inspection, 'an install medium');
  if (refused !== undefined) return refused;
  const found = await findImage(image, key, inspection);
  if (found === undefined) return undefined;
  const { facts, head } = found;
  if (facts.type === 'dir') return `${image} is a directory, not an ISO`;
  if (facts.type !== 'file') return `${image} is a device, a pipe or the like, not an ISO`;
  const problem = head === undefined ? undefined : whyNoMedium(head);
  if (problem !== undefined) return `${image} ${problem}`;
  if (!SEEN_AS.has(facts.format)) return `${image} is ${facts.format}, and an install medium is an ISO`;
  return unusable({ image, ...IN_DRIVE }, facts, inspection);
}
