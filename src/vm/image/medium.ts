import { posix } from 'node:path';
import type { ConfigPath, Machine } from '../../config/machine.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { whyNoMedium } from '../image-format/medium.ts';
import type { Inspection } from '../host/inspection.ts';
import { isInImageDirectory } from '../image-store/directory.ts';
import { refuseGoing } from '../image-store/going.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { whyNotLookedAt } from './check.ts';
import { whyNotBrought } from './coming.ts';
import { findImage, unusable } from './found.ts';

const KEY = ['cdrom', 'image'] as const;

/** As libvirt takes what is in a drive. */
const SEEN_AS: ReadonlySet<string> = new Set(['raw', 'iso']);

/** As QEMU opens it: no chain is looked for. */
const IN_DRIVE = { format: 'raw', cache: 'writeback' } as const;

/**
 * Looks at the ISO that a machine has in its drive, and complains if a VM cannot have it there.
 * @throws PlowError
 */
export async function inspectMediumOf({ cdrom }: Machine, inspection: Inspection): Promise<void> {
  const image = cdrom?.image;
  if (image === undefined) return;
  if (inspection.isMediumComing !== true) return inspectMedium(image, KEY, inspection);
  const looking = whyNotBrought(image, inspection);
  const problem = await explaining(looking, 'storage', `cannot look at the place of ${image}`);
  if (problem !== undefined) inspection.report(KEY, problem);
}

/**
 * For a VM that has a medium in its drive by now: it is not to be one that is being removed just then.
 * @throws PlowError (storage)
 */
export async function refuseGoingMedium(image: string | undefined, context: VmContext): Promise<void> {
  if (image === undefined || !isInImageDirectory(posix.dirname(image))) return;
  const { local } = context.hypervisor;
  const isSeen = local !== undefined && typeof (await local.look(image)) === 'object';
  const looking = isSeen
    ? refuseGoing(image, local)
    : withPoolOn(posix.dirname(image), context, (pool) => refuseGoing(image, pool));
  await explaining(looking, 'storage', `cannot look at the medium ${image}`);
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
