import { posix } from 'node:path';
import type { DiskFormat, LoadedMachine } from '../config/machine.ts';
import { GIB } from '../config/units.ts';
import { HypervisorError } from '../errors/hypervisor-error.ts';
import { readVolume } from '../libvirt-xml/read-xml.ts';
import type { HostFacts, VolumeFacts } from '../libvirt-xml/read-xml.ts';
import type { Pool, Volume } from './hypervisor.ts';
import type { PoolLender } from './pool-lender.ts';

const SECTOR_BYTES = 512;
const GROUP_READ = 0o040;
const OWNER_READ = 0o400;
const OTHERS_READ = 0o004;

export interface BaseImage {
  readonly volume: Volume;
  readonly format: DiskFormat;
}

/** A mistake in the configuration that only the hypervisor can tell. */
export type Complain = (path: readonly (string | number)[], message: string) => void;

/** Looks at the base image through libvirt, and complains if a VM cannot be built on it. */
export async function inspectBaseImage(
  { machine }: LoadedMachine,
  lender: PoolLender,
  host: HostFacts,
  complain: Complain,
): Promise<BaseImage | undefined> {
  const { image, sizeGib } = machine.bootDisk;
  if (image === undefined) return undefined;
  const volume = await findImage(image, lender, complain);
  if (volume === undefined) return undefined;
  const facts = readVolume(await volume.xml());
  const format = imageFormat(image, facts);
  const problem = typeof format === 'object' ? format.problem : unreadable(image, facts, host);
  if (problem !== undefined) complain(['boot_disk', 'image'], problem);
  if (facts.capacityBytes > sizeGib * GIB) {
    complain(
      ['boot_disk', 'size_gb'],
      `${sizeGib} GiB is smaller than the image (${describeGib(facts.capacityBytes)}): ` +
        `give at least ${Math.ceil(facts.capacityBytes / GIB)}`,
    );
  }
  return typeof format === 'object' ? undefined : { volume, format };
}

async function findImage(image: string, lender: PoolLender, complain: Complain): Promise<Volume | undefined> {
  const { dir, base } = posix.parse(image);
  let pool: Pool;
  try {
    pool = await lender.lend(dir);
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    complain(['boot_disk', 'image'], `${image} is not there: libvirt cannot open the directory ${dir}`);
    return undefined;
  }
  const known = await pool.findVolume(base);
  if (known !== undefined) return known;
  await pool.refresh();
  const found = await pool.findVolume(base);
  if (found === undefined) {
    complain(['boot_disk', 'image'], `${image} does not exist on the hypervisor${await others(pool)}`);
  }
  return found;
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
  return `${image} cannot be read by QEMU's user (uid ${qemuUser.uid}; the file has mode ${octal}, owner ${owner}): chmod o+r ${image}`;
}

function describeGib(bytes: number): string {
  return `${Number((bytes / GIB).toFixed(2))} GiB`;
}
