import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { BootDisk, CacheMode, DiskFormat, Machine } from '../../config/machine.ts';
import { GIB } from '../../text/units.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import { imageAgain } from './again.ts';
import type { ImageAgain } from './again.ts';
import { HEAD_BYTES, judgeImage } from '../image-format/head.ts';
import type { Judged } from '../image-format/head.ts';
import { ownerOfImage } from './owner.ts';
import {
  directoriesAbove,
  openingImage,
  whyChangeable,
  whyLink,
  whyLinkUnknown,
  whyOutside,
} from './place.ts';
import { isClosedToSession, NOT_FOR_YOU, openingDirectory, whyAbsent } from './in-session.ts';
import { impassable, wayTo } from '../host/directories.ts';
import { findFlawProblem } from '../host/storage-path.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';
import { inspectComing } from './coming.ts';
import { describePermissions, qemuAccess } from '../storage/qemu-access.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import { withRepair } from '../host-problem.ts';
import type { HostProblem } from '../host-problem.ts';

/** QEMU opens such a disk with O_DIRECT. */
export function pastTheCache(cache: CacheMode): boolean {
  return cache === 'none' || cache === 'directsync';
}

const SECTOR_BYTES = 512;

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
  const found = await findImage(image, inspection);
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

/** What is told by the path alone, before libvirt is asked to open anything there. @throws PlowError */
export async function whyNotLookedAt(
  image: string,
  {
    context: { imageDirs, hypervisor },
    questions,
    notChecked,
  }: Pick<Inspection, 'context' | 'questions' | 'notChecked'>,
): Promise<string | undefined> {
  const outside = whyOutside(image, imageDirs);
  if (outside !== undefined) return outside;
  const looking = questions.documents();
  const documents = await explaining(looking, 'operation', 'cannot read the documents of the other VMs');
  const owner = await ownerOfImage(image, documents, hypervisor);
  if (owner !== undefined)
    return `${image} belongs to VM '${owner}', and a base image is nobody's own: give a copy of it that no VM uses`;
  const link = await whyLink(image, imageDirs, hypervisor);
  if (link !== undefined) return link;
  const unknown = await whyLinkUnknown(image, hypervisor);
  if (unknown !== undefined) notChecked({ check: 'link', why: unknown });
  const here = await hypervisor.local?.look(image);
  return typeof here === 'object' && here.type === 'other' ? `${image} ${NO_FILE}` : undefined;
}

const NO_FILE = 'is a device, a pipe or the like, not a disk image';

/**
 * What keeps QEMU from an image that is one. What its user may not read no VM is given, by a copy neither.
 */
async function unusable(
  { image, format, cache }: ImageDisk,
  facts: VolumeFacts,
  { context, directories, host }: Inspection,
): Promise<string | undefined> {
  const { hypervisor, storagePath } = context;
  // What others may change there is told of the storage path.
  const checked = new Set(await wayTo(storagePath, hypervisor));
  let changeable = whyChangeable(image, 'image', facts.permissions, host);
  for (const path of await directoriesAbove(image, hypervisor)) {
    if (changeable !== undefined) break;
    if (checked.has(path)) continue;
    const found = await directories.facts(path);
    if (typeof found === 'object') changeable = whyChangeable(path, 'directory', found.permissions, host);
  }
  const { dir } = posix.parse(image);
  const problem =
    (await impassable(dir, directories, host)) ?? unreadable(image, facts, host.qemuUser) ?? changeable;
  if (problem !== undefined) return openingImage(image, storagePath, problem);
  if (format !== 'qcow2' || !pastTheCache(cache)) return undefined;
  const flawed = await findFlawProblem(dir, ['no-direct-io'], hypervisor);
  return flawed && withRepair(flawed);
}

interface Found {
  readonly facts: VolumeFacts;
  /** Undefined where nothing but a change on the hypervisor would show it. */
  readonly head: Uint8Array | undefined;
}

async function findImage(
  image: string,
  { context, directories, report, notChecked }: Inspection,
): Promise<Found | undefined> {
  const { dir, base } = posix.parse(image);
  const here = await context.hypervisor.local?.look(image);
  const unseen = (why: string): void => {
    context.progress.note(`the image ${image} was not looked at: ${why}`);
    notChecked({ check: 'image', path: image, why });
  };
  const complain = (problem: string): void => report(['boot_disk', 'image'], problem);
  if (isClosedToSession(here, context)) {
    complain(`${image} ${NOT_FOR_YOU}`);
    return undefined;
  }
  const looking = directories.visit(dir, async (view) => {
    const facts = await view.entry(base);
    if (facts?.type === 'dir') return { facts, head: undefined };
    if (facts !== undefined) {
      const head = typeof here === 'object' ? here.head : await view.head(base, HEAD_BYTES);
      if (head === undefined) unseen('a read-only connection does not show its first bytes');
      return { facts, head };
    }
    const elsewhere = others((await view.names()) ?? []);
    complain(`${image} ${whyAbsent(here, context)}${elsewhere}`);
    return undefined;
  });
  const found = await looking.catch((error: unknown) => {
    if (!context.hypervisor.isSession || !isReason(error, 'denied')) throw error;
    complain(openingDirectory(image, context.storagePath));
    return undefined;
  });
  if (typeof found !== 'string') return found;
  if (found === 'unseen') {
    unseen(directories.unseen.get(dir) ?? `no pool shows ${dir}`);
    return undefined;
  }
  complain(`${image} is not there: the hypervisor has no directory ${dir}`);
  return undefined;
}

/** What else the directory holds, for the user who mistyped a name. */
function others(names: readonly string[]): string {
  const shown = 5;
  const images = names.filter((name) => /\.(?:qcow2|img|raw)$/u.test(name)).toSorted();
  if (images.length === 0) return '';
  return ` (there: ${images.slice(0, shown).join(', ')}${images.length > shown ? ', ...' : ''})`;
}

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

function unreadable(
  image: string,
  { permissions }: VolumeFacts,
  qemuUser: Inspection['host']['qemuUser'],
): HostProblem | undefined {
  if (permissions === undefined || qemuUser === undefined) return undefined;
  if (qemuAccess(qemuUser, permissions, 'read') !== 'no') return undefined;
  const why = describePermissions(permissions);
  return {
    text: `${image} cannot be read by QEMU's user (uid ${qemuUser.uid}; the file has ${why})`,
    repair: `chmod o+r ${shellQuote(image)}`,
  };
}

function describeGib(bytes: number): string {
  return `${Number((bytes / GIB).toFixed(2))} GiB`;
}
