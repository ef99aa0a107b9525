import { posix } from 'node:path';
import type { HostFacts } from '../../libvirt-xml/read/capabilities.ts';
import type { Permissions } from '../../libvirt-xml/read/storage.ts';
import type { NamedDirs } from '../context.ts';
import { wayTo } from '../host/directories.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { describePermissions } from '../storage/qemu-access.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import { strangersOf } from '../host/strangers.ts';
import { withRepair } from '../host-problem.ts';
import type { HostProblem } from '../host-problem.ts';

/** Why an image is not where images are. */
export function whyOutside(image: string, { value: directories, from }: NamedDirs): string | undefined {
  if (directories.some((directory) => isBelow(directory, image))) return undefined;
  const where = from === 'default' ? 'in the settings file' : from;
  const there = directories.length === 0 ? 'none' : directories.join(', ');
  return `${image} is outside the directories of images (${there}): put it into one, or allow its directory with image_dirs (${where})`;
}

function isBelow(directory: string, path: string): boolean {
  return path.startsWith(`${directory}/`);
}

/**
 * Why an image is not what its path says, as far as that can be told from here. A directory of images may be
 * reached through links, which whoever runs plow has chosen; below it there are none.
 */
export async function whyLink(
  image: string,
  { value: directories }: NamedDirs,
  hypervisor: Hypervisor,
): Promise<string | undefined> {
  const real = await hypervisor.realPath(image);
  if (real === undefined) {
    if ((await reachOf(image, hypervisor)) !== 'beyond a link') return undefined;
    return `${image} leads through a link to where you may not look: give the path of the image itself`;
  }
  for (const directory of directories.filter((each) => isBelow(each, image))) {
    const place = await hypervisor.realPath(directory);
    if (place !== undefined && `${place}${image.slice(directory.length)}` === real) return undefined;
  }
  return `${image} leads to ${real} through a link: give the path of the image itself`;
}

/** Why nobody can tell whether an image is a link; undefined where that is known. */
export async function whyLinkUnknown(image: string, hypervisor: Hypervisor): Promise<string | undefined> {
  if (hypervisor.local === undefined) return 'libvirt does not tell links of another machine';
  if ((await reachOf(image, hypervisor)) !== 'closed') return undefined;
  return `you may not pass through ${posix.dirname(image)}`;
}

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/**
 * How far this user comes on the way to an image of this machine. In a directory that they may pass through
 * every path can be followed to its end, unless it leads elsewhere.
 */
async function reachOf(
  image: string,
  hypervisor: Hypervisor,
): Promise<'all the way' | 'beyond a link' | 'closed'> {
  const { local } = hypervisor;
  if (local === undefined || (await hypervisor.realPath(image)) !== undefined) return 'all the way';
  const found = await local.look(image);
  if (typeof found === 'object' || ABSENT.has(found)) return 'all the way';
  return typeof (await local.look(`${posix.dirname(image)}/.`)) === 'object' ? 'beyond a link' : 'closed';
}

/** The directories above an image, and those above what these really are. */
export function directoriesAbove(image: string, hypervisor: Hypervisor): Promise<readonly string[]> {
  return wayTo(posix.dirname(image), hypervisor);
}

/**
 * Who else than root may put another file in the place of an image, or other bytes into it, while plow and
 * libvirtd look at it. libvirt gives images to QEMU's user where it is not told to leave them alone. A
 * libvirtd without a user for QEMU is a session's, which can read no more than its user.
 */
export function whyChangeable(
  path: string,
  kind: 'image' | 'directory',
  permissions: Permissions | undefined,
  { qemuUser }: Pick<HostFacts, 'qemuUser'>,
): HostProblem | undefined {
  if (permissions === undefined || qemuUser === undefined) return undefined;
  const { own, write } =
    kind === 'image'
      ? strangersOf(permissions, [0, qemuUser.uid], [0, qemuUser.gid])
      : strangersOf(permissions, [0], []);
  if (!own && !write) return undefined;
  const quoted = shellQuote(path);
  const commands = [...(own ? [`chown root: ${quoted}`] : []), ...(write ? [`chmod go-w ${quoted}`] : [])];
  return {
    text: `users other than root may change ${path} (it has ${describePermissions(permissions)})`,
    repair: commands.join(' && '),
  };
}

/** A home, which is opened to nobody for the sake of an image. */
const PRIVATE = /^\/(?:root|home)(?:\/|$)/u;

/** What helps where QEMU may not come to an image. */
export function openingImage(image: string, storagePath: string, { text, repair }: HostProblem): string {
  if (!PRIVATE.test(image)) return withRepair({ text, repair });
  const copy = posix.join(storagePath, posix.basename(image));
  return withRepair({
    text,
    repair: `copy the image, install -m 0644 ${shellQuote(image)} ${shellQuote(copy)}, and give that`,
  });
}
