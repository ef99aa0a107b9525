import { posix } from 'node:path';
import type { ProvisioningFormat } from '../../config/machine.ts';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { hasFailed, byNameAndAge } from '../image-store/find-image.ts';
import { ImageStore } from '../image-store/store.ts';
import type { VmContext } from '../context.ts';
import { VisibleDirectories } from '../host/visible-directories.ts';

/** More than anybody chooses from in a list. */
const MOST_FILES = 64;
const IMAGE_FILE = /^[^./][^/]*\.(?:qcow2|raw|img)$/u;

export interface OfferedImage {
  /** As `boot_disk.image` takes it. */
  readonly image: string;
  /** What it is, in words. */
  readonly about: string;
  /** Undefined where nobody knows. */
  readonly capacityBytes: number | undefined;
  readonly guest: ProvisioningFormat | undefined;
}

interface Found {
  readonly images: readonly OfferedImage[];
  readonly unseen: readonly string[];
}

/**
 * Images that plow has pulled, by their names, and files of images in the directories for them, by their
 * paths. What lies deeper is not looked for.
 * @throws HypervisorError (disconnected)
 */
export async function imagesOf(context: VmContext): Promise<Found> {
  const unseen: string[] = [];
  const attempt = async <T>(what: string, nothing: T, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
      unseen.push(`${what}: ${error.message}`);
      return nothing;
    }
  };
  const pulled = await attempt('images that plow has pulled', [], pulledOf(context));
  const files: OfferedImage[] = [];
  const view = new VisibleDirectories(context.hypervisor);
  for (const directory of new Set(context.imageDirs.value)) {
    const names = await attempt(`images in ${directory}`, [], namesIn(directory, view));
    files.push(...names.map((name) => fileIn(directory, name)));
  }
  unseen.push(...[...view.unseen.values()].map((why) => `images: ${why}`));
  return { images: [...pulled, ...files.slice(0, MOST_FILES)], unseen };
}

/** The newest of each name that has not failed its throw-away boot. @throws HypervisorError */
async function pulledOf(context: VmContext): Promise<readonly OfferedImage[]> {
  const records = (await new ImageStore(context).all())
    .map(({ record }) => record)
    .filter((record) => record.status === 'ready' && record.format !== 'iso' && !hasFailed(record))
    .toSorted(byNameAndAge);
  const newest = records.filter(({ name }, index) => records[index - 1]?.name !== name);
  return newest.map(({ name, version, capacityBytes, needs }) => ({
    image: name,
    about: `pulled, ${version}`,
    capacityBytes: capacityBytes ?? undefined,
    guest: needs?.provisioning === 'ignition' ? 'ignition' : 'cloud-init',
  }));
}

async function namesIn(directory: string, view: VisibleDirectories): Promise<readonly string[]> {
  const names = await view.visit(directory, (shown) => shown.names());
  return typeof names === 'string' || names === undefined
    ? []
    : names.filter((name) => IMAGE_FILE.test(name)).toSorted();
}

function fileIn(directory: string, name: string): OfferedImage {
  return {
    image: posix.join(directory, name),
    about: 'a file of the hypervisor',
    capacityBytes: undefined,
    guest: undefined,
  };
}
