import { posix } from 'node:path';
import type { DiskFormat, LoadedMachine } from '../config/machine.ts';
import { GIB } from '../config/units.ts';
import { isReason } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { readVolume } from '../libvirt-xml/read-xml.ts';
import type { HostFacts, VolumeFacts } from '../libvirt-xml/read-xml.ts';
import type { VmContext } from './context.ts';
import type { Pool, Volume } from './hypervisor.ts';
import { withPoolOn } from './lent-pool.ts';
import { shellQuote } from './shell-quote.ts';

const SECTOR_BYTES = 512;
const GROUP_READ = 0o040;
const OWNER_READ = 0o400;
const OTHERS_READ = 0o004;

export interface BaseImage {
  readonly format: DiskFormat;
  /** Runs `work` with the image as a volume of an active pool. */
  withVolume<T>(work: (image: Volume) => Promise<T>): Promise<T>;
}

/** A mistake in the configuration that only the hypervisor can tell. */
export type Complain = (path: readonly (string | number)[], message: string) => void;

/** Looks at the base image through libvirt, and complains if a VM cannot be built on it. */
export async function inspectBaseImage(
  { machine }: LoadedMachine,
  context: VmContext,
  host: HostFacts,
  complain: Complain,
): Promise<BaseImage | undefined> {
  const { image, sizeGib } = machine.bootDisk;
  if (image === undefined) return undefined;
  const facts = await findImage(image, context, complain);
  if (facts === undefined) return undefined;
  const format = imageFormat(image, facts);
  const problem =
    typeof format === 'object'
      ? format.problem
      : (unreadable(image, facts, host) ?? overlaid(machine.bootDisk, facts));
  if (problem !== undefined) complain(['boot_disk', 'image'], problem);
  if (facts.capacityBytes > sizeGib * GIB) {
    complain(
      ['boot_disk', 'size_gb'],
      `${sizeGib} GiB is smaller than the image (${describeGib(facts.capacityBytes)}): ` +
        `give at least ${Math.ceil(facts.capacityBytes / GIB)}`,
    );
  }
  if (typeof format === 'object') return undefined;
  const { dir, base } = posix.parse(image);
  return {
    format,
    withVolume: (work) =>
      withPoolOn(dir, context, async (pool) => {
        const found = await lookAt(pool, base);
        if (found === undefined) throw new PlowError('storage', `${image} has gone away`);
        return work(found.volume);
      }),
  };
}

async function findImage(
  image: string,
  context: VmContext,
  complain: Complain,
): Promise<VolumeFacts | undefined> {
  const { dir, base } = posix.parse(image);
  try {
    return await withPoolOn(dir, context, async (pool) => {
      const found = await lookAt(pool, base);
      if (found !== undefined) return found.facts;
      const elsewhere = await others(pool);
      complain(['boot_disk', 'image'], `${image} does not exist on the hypervisor${elsewhere}`);
      return undefined;
    });
  } catch (error) {
    if (!isReason(error, 'no-such-file') && !isReason(error, 'not-a-directory')) throw error;
    complain(['boot_disk', 'image'], `${image} is not there: the hypervisor has no directory ${dir}`);
    return undefined;
  }
}

/** A pool that was there before may know its directory as it once was. */
async function lookAt(
  pool: Pool,
  file: string,
): Promise<{ readonly volume: Volume; readonly facts: VolumeFacts } | undefined> {
  const known = await pool.findVolume(file);
  const document = await known?.xml().catch((error: unknown) => {
    if (isReason(error, 'disconnected')) throw error;
    return undefined;
  });
  if (known !== undefined && document !== undefined) return { volume: known, facts: readVolume(document) };
  await pool.refresh();
  const volume = await pool.findVolume(file);
  return volume && { volume, facts: readVolume(await volume.xml()) };
}

/** What else the directory holds, for the user who mistyped a name. */
async function others(pool: Pool): Promise<string> {
  const shown = 5;
  const images = (await pool.volumeNames()).filter((name) => /\.(?:qcow2|img|raw)$/u.test(name)).toSorted();
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
function overlaid({ format }: LoadedMachine['machine']['bootDisk'], facts: VolumeFacts): string | undefined {
  if (format !== 'qcow2' || facts.backingPath === undefined) return undefined;
  return `${facts.path} is itself an overlay on ${facts.backingPath}: flatten it (qemu-img convert -O qcow2), or use format: raw`;
}

/** QEMU's user must be able to read it: plow keeps libvirt from changing the image's owner. */
function unreadable(
  image: string,
  { permissions }: VolumeFacts,
  { qemuUser }: HostFacts,
): string | undefined {
  if (permissions === undefined || qemuUser === undefined || qemuUser.uid === 0) return undefined;
  const { mode, owner, group } = permissions;
  const readable =
    owner === qemuUser.uid
      ? mode & OWNER_READ
      : group === qemuUser.gid
        ? mode & GROUP_READ
        : mode & OTHERS_READ;
  if (readable !== 0) return undefined;
  const octal = mode.toString(8).padStart(4, '0');
  return `${image} cannot be read by QEMU's user (uid ${qemuUser.uid}; the file has mode ${octal}, owner ${owner}): chmod o+r ${shellQuote(image)}`;
}

function describeGib(bytes: number): string {
  return `${Number((bytes / GIB).toFixed(2))} GiB`;
}
