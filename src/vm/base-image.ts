import { posix } from 'node:path';
import type { BootDisk, CacheMode, DiskFormat, Machine } from '../config/machine.ts';
import { GIB } from '../config/units.ts';
import { PlowError } from '../errors/plow-error.ts';
import type { HostFacts } from '../libvirt-xml/read-capabilities.ts';
import type { VolumeFacts } from '../libvirt-xml/read-xml.ts';
import { whyImpassable, whyNoDirectIo } from './directories.ts';
import { lookAt } from './find-volume.ts';
import type { Volume } from './hypervisor.ts';
import { withPoolOn } from './lent-pool.ts';
import type { Inspection } from './inspection.ts';
import { describePermissions, qemuAccess } from './qemu-access.ts';
import { shellQuote } from '../errors/shell-quote.ts';

/** QEMU opens such a disk with O_DIRECT. */
export function pastTheCache(cache: CacheMode): boolean {
  return cache === 'none' || cache === 'directsync';
}

const SECTOR_BYTES = 512;

export interface BaseImage {
  readonly format: DiskFormat;
  /** What a full copy of it takes up. */
  readonly allocationBytes: number;
  /** Runs `work` with the image as a volume of an active pool. */
  withVolume<T>(work: (image: Volume) => Promise<T>): Promise<T>;
}

/** Looks at the base image through libvirt, and complains if a VM cannot be built on it. */
export async function inspectBaseImage(
  machine: Machine,
  inspection: Inspection,
): Promise<BaseImage | undefined> {
  const { context, complain } = inspection;
  const { image, sizeGib } = machine.bootDisk;
  if (image === undefined) return undefined;
  const facts = await findImage(image, inspection);
  if (facts === undefined) return undefined;
  const { dir, base } = posix.parse(image);
  const format = imageFormat(image, facts);
  const problem =
    typeof format === 'object' ? format.problem : await unusable(machine.bootDisk, facts, inspection);
  if (problem !== undefined) complain(['boot_disk', 'image'], problem);
  if (facts.capacityBytes > sizeGib * GIB) {
    complain(
      ['boot_disk', 'size_gb'],
      `${sizeGib} GiB is smaller than the image (${describeGib(facts.capacityBytes)}): ` +
        `give at least ${Math.ceil(facts.capacityBytes / GIB)}`,
    );
  }
  if (typeof format === 'object') return undefined;
  return {
    format,
    allocationBytes: facts.allocationBytes,
    withVolume: (work) =>
      withPoolOn(dir, context, async (pool) => {
        const found = await lookAt(pool, base, context);
        if (found === undefined) throw new PlowError('storage', `${image} has gone away`);
        return work(found.volume);
      }),
  };
}

/** What keeps QEMU from an image that is one. A raw disk is a copy, which libvirt makes with all rights. */
async function unusable(
  { image, format, cache }: BootDisk,
  facts: VolumeFacts,
  { context, directories, host }: Inspection,
): Promise<string | undefined> {
  if (format === 'raw' || image === undefined) return undefined;
  const { dir } = posix.parse(image);
  return (
    (await whyImpassable(dir, directories, host)) ??
    unreadable(image, facts, host) ??
    overlaid(image, facts) ??
    (pastTheCache(cache) ? await whyNoDirectIo(dir, context.hypervisor) : undefined)
  );
}

async function findImage(
  image: string,
  { context, directories, complain, notChecked }: Inspection,
): Promise<VolumeFacts | undefined> {
  const { dir, base } = posix.parse(image);
  const found = await directories.visit(dir, async (view) => {
    const facts = await view.entry(base);
    if (facts !== undefined) return facts;
    const elsewhere = others(await view.names());
    complain(['boot_disk', 'image'], `${image} does not exist on the hypervisor${elsewhere}`);
    return undefined;
  });
  if (typeof found !== 'string') return found;
  if (found === 'unseen') {
    const why = directories.unseen.get(dir) ?? `no pool shows ${dir}`;
    context.progress.note(`the image ${image} was not looked at: ${why}`);
    notChecked({ check: 'image', path: image, why });
    return undefined;
  }
  complain(['boot_disk', 'image'], `${image} is not there: the hypervisor has no directory ${dir}`);
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
function imageFormat(
  image: string,
  { type, format, capacityBytes }: VolumeFacts,
): DiskFormat | { problem: string } {
  if (type === 'dir') return { problem: `${image} is a directory, not a disk image` };
  if (format !== 'qcow2' && format !== 'raw') {
    return {
      problem: `${image} is ${format}, and a base image must be qcow2 or raw: qemu-img convert -O qcow2`,
    };
  }
  const broken = format === 'raw' && (capacityBytes === 0 || capacityBytes % SECTOR_BYTES !== 0);
  if (broken || (format === 'raw' && image.endsWith('.qcow2'))) {
    return {
      problem: `${image} is not a disk image: it has no qcow2 header${broken ? ' and is not made of whole sectors' : ''}`,
    };
  }
  return format;
}

/** The domain's document ends the backing chain at the image: what lies below would read as zeros. */
function overlaid(image: string, { backingPath }: VolumeFacts): string | undefined {
  if (backingPath === undefined) return undefined;
  return `${image} is itself an overlay on ${backingPath}: flatten it (qemu-img convert -O qcow2), or use format: raw`;
}

/** QEMU's user must be able to read it: plow keeps libvirt from changing the image's owner. */
function unreadable(
  image: string,
  { permissions }: VolumeFacts,
  { qemuUser }: HostFacts,
): string | undefined {
  if (permissions === undefined || qemuUser === undefined) return undefined;
  if (qemuAccess(qemuUser, permissions, 'read') !== 'no') return undefined;
  const why = describePermissions(permissions);
  return `${image} cannot be read by QEMU's user (uid ${qemuUser.uid}; the file has ${why}): chmod o+r ${shellQuote(image)}`;
}

function describeGib(bytes: number): string {
  return `${Number((bytes / GIB).toFixed(2))} GiB`;
}
