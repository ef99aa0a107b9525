import type { BootDisk, DiskFormat, Machine } from '../../config/machine.ts';
import { GIB } from '../../text/units.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import { imageAgain } from './again.ts';
import type { ImageAgain } from './again.ts';
import { judgeImage } from '../image-format/head.ts';
import type { Judged } from '../image-format/head.ts';
import { findImage, unusable } from './found.ts';
import { ownerOfImage } from './owner.ts';
import { whyLink, whyLinkUnknown, whyOutside } from './place.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';
import { inspectComing } from './coming.ts';

const SECTOR_BYTES = 512;
const KEY = ['boot_disk', 'image'] as const;

export interface BaseImage extends ImageAgain {
  readonly format: DiskFormat;
  /** What a full copy of it takes up. */
  readonly allocationBytes: number;
}

type ImageDisk = BootDisk & { readonly image: string };

/**
 * Looks at the base image, and complains if a VM cannot be built on it, or must not.
 * @throws PlowError, HypervisorError
 */
export async function inspectBaseImage(
  machine: Machine,
  inspection: Inspection,
): Promise<BaseImage | undefined> {
  const { context, host, report } = inspection;
  const { image, sizeGib } = machine.bootDisk;
  if (image === undefined) return undefined;
  if (inspection.coming !== undefined) return inspectComing(image, inspection.coming, inspection);
  const disk = { ...machine.bootDisk, image };
  const refused = await whyNotLookedAt(image, inspection);
  if (refused !== undefined) {
    report(['boot_disk', 'image'], refused);
    return undefined;
  }
  const found = await findImage(image, KEY, inspection);
  if (found === undefined) return undefined;
  const { facts, head } = found;
  const judged = judge(disk, facts, head);
  const problem =
    'problem' in judged ? `${image} ${judged.problem}` : await unusable(disk, facts, inspection);
  if (problem !== undefined) report(['boot_disk', 'image'], problem);
  if (facts.capacityBytes > sizeGib * GIB) {
    report(
      ['boot_disk', 'size_gb'],
      `${sizeGib} GiB is smaller than the image (${describeGib(facts.capacityBytes)}): ` +
        `give at least ${Math.ceil(facts.capacityBytes / GIB)}`,
    );
  }
  if ('problem' in judged) return undefined;
  const again = imageAgain(disk, judged.format, context, host);
  return { format: judged.format, allocationBytes: facts.allocationBytes, ...again };
}

const SHARED = { 'a base image': 'nothing', 'an install medium': 'media' } as const;

/** What is told by the path alone, before libvirt is asked to open anything there. @throws PlowError */
export async function whyNotLookedAt(
  image: string,
  {
    context: { imageDirs, hypervisor },
    questions,
    notChecked,
  }: Pick<Inspection, 'context' | 'questions' | 'notChecked'>,
  noun: 'a base image' | 'an install medium' = 'a base image',
): Promise<string | undefined> {
  const outside = whyOutside(image, imageDirs);
  if (outside !== undefined) return outside;
  const looking = questions.documents();
  const documents = await explaining(looking, 'operation', 'cannot read the documents of the other VMs');
  const owner = await ownerOfImage(image, documents, hypervisor, SHARED[noun]);
  if (owner !== undefined)
    return `${image} belongs to VM '${owner}', and ${noun} is nobody's own: give a copy of it that no VM uses`;
  const link = await whyLink(image, imageDirs, hypervisor);
  if (link !== undefined) return link;
  const unknown = await whyLinkUnknown(image, hypervisor);
  if (unknown !== undefined) notChecked({ check: 'link', why: unknown });
  const here = await hypervisor.local?.look(image);
  return typeof here === 'object' && here.type === 'other' ? `${image} ${NO_FILE}` : undefined;
}

const NO_FILE = 'is a device, a pipe or the like, not a disk image';

/** libvirt looks into the file; whatever it does not know it calls raw. */
function judge(
  { image, imageFormat }: ImageDisk,
  { type, format, capacityBytes, backingPath }: VolumeFacts,
  head: Uint8Array | undefined,
): Judged {
  if (type === 'dir') return { problem: 'is a directory, not a disk image' };
  if (type !== 'file') return { problem: NO_FILE };
  if (format === 'raw' && (capacityBytes === 0 || capacityBytes % SECTOR_BYTES !== 0)) {
    return {
      problem: 'is not a disk image: it has no qcow2 header and is not made of whole sectors',
    };
  }
  if (head === undefined && backingPath !== undefined)
    return { problem: `is itself an overlay on ${backingPath}: a base image must stand alone` };
  return judgeImage(image, imageFormat, format, head);
}

function describeGib(bytes: number): string {
  return `${Number((bytes / GIB).toFixed(2))} GiB`;
}
