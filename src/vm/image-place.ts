import { posix } from 'node:path';
import type { HostFacts } from '../libvirt-xml/read-capabilities.ts';
import type { Permissions } from '../libvirt-xml/read-xml.ts';
import type { ImageDirs } from './context.ts';
import { LIBVIRTS_OWN, ancestors } from './directories.ts';
import type { Hypervisor } from './hypervisor.ts';
import { describePermissions } from './qemu-access.ts';
import type { QemuUser } from './qemu-access.ts';
import { shellQuote } from '../errors/shell-quote.ts';
import { told } from './trouble.ts';
import type { Trouble } from './trouble.ts';

const OTHERS_WRITE = 0o002;
const GROUP_WRITES = 0o020;

/** Why an image is not where images are. */
export function whyOutside(image: string, { value: directories, from }: ImageDirs): string | undefined {
  if (directories.some((directory) => isBelow(directory, image))) return undefined;
  const where = from === 'default' ? 'in the settings file' : from;
  const there = directories.length === 0 ? 'none' : directories.join(', ');
  return `${image} is outside the directories of images (${there}): put it into one, or allow its directory with image_dirs (${where})`;
}

function isBelow(directory: string, path: string): boolean {
  return path.startsWith(`${directory}/`);
}

/**
 * Why an image is not what its path says, as far as that can be told from here. A directory of images may be reached
 * through links, which whoever runs plow has chosen; below it there are none.
 */
export async function whyLink(
  image: string,
  { value: directories }: ImageDirs,
  hypervisor: Hypervisor,
): Promise<string | undefined> {
  const real = await hypervisor.realPath(image);
  if (real === undefined) return undefined;
  for (const directory of directories.filter((each) => isBelow(each, image))) {
    const place = await hypervisor.realPath(directory);
    if (place !== undefined && `${place}${image.slice(directory.length)}` === real) return undefined;
  }
  return `${image} leads to ${real} through a link: give the path of the image itself`;
}

/** The directories above an image, and those above what these really are. */
export async function directoriesAbove(image: string, hypervisor: Hypervisor): Promise<readonly string[]> {
  const directory = posix.dirname(image);
  const real = (await hypervisor.realPath(directory)) ?? directory;
  const all = new Set([...ancestors(directory), ...ancestors(real)]);
  return [...all].filter((path) => !LIBVIRTS_OWN.has(path));
}

/**
 * Who else than root may put another file in the place of an image, or other bytes into it, while plow and libvirtd
 * look at it. libvirt gives images to QEMU's user where it is not told to leave them alone. A libvirtd without a user for
 * QEMU is a session's, which can read no more than its user.
 */
export function whyChangeable(
  path: string,
  kind: 'image' | 'directory',
  permissions: Permissions | undefined,
  { qemuUser }: Pick<HostFacts, 'qemuUser'>,
): Trouble | undefined {
  if (permissions === undefined || qemuUser === undefined) return undefined;
  const commands = repairs(path, permissions, kind === 'image' ? qemuUser : { uid: 0, gid: 0 });
  if (commands.length === 0) return undefined;
  return {
    text: `others than root may change ${path} (it has ${describePermissions(permissions)})`,
    repair: commands.join(' && '),
  };
}

function repairs(path: string, { mode, owner, group }: Permissions, trusted: QemuUser): readonly string[] {
  const quoted = shellQuote(path);
  const isOpen =
    (mode & OTHERS_WRITE) !== 0 || ((mode & GROUP_WRITES) !== 0 && group !== 0 && group !== trusted.gid);
  return [
    ...(owner === 0 || owner === trusted.uid ? [] : [`chown root: ${quoted}`]),
    ...(isOpen ? [`chmod go-w ${quoted}`] : []),
  ];
}

/** A home, which is opened to nobody for the sake of an image. */
const PRIVATE = /^\/(?:root|home)(?:\/|$)/u;

/** What helps where QEMU may not come to an image. */
export function openingImage(image: string, storagePath: string, { text, repair }: Trouble): string {
  if (!PRIVATE.test(image)) return told({ text, repair });
  const copy = posix.join(storagePath, posix.basename(image));
  return told({
    text,
    repair: `copy the image, install -m 0644 ${shellQuote(image)} ${shellQuote(copy)}, and give that`,
  });
}
