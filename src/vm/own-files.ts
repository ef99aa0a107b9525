import { posix } from 'node:path';
import type { DomainMetadata } from '../libvirt-xml/domain-metadata.ts';
import { readDisks } from '../libvirt-xml/read-xml.ts';
import type { DomainDisk } from '../libvirt-xml/read-xml.ts';
import { machineFiles, vmDirectory } from '../libvirt-xml/vm-paths.ts';
import type { Hypervisor } from './hypervisor.ts';
import { findNvram } from './nvram.ts';
import type { Nvram } from './nvram.ts';
import { understand } from './understand.ts';

/** libvirt's own directory of images, in which every VM may have some, whatever a VM is called. */
export const LIBVIRT_IMAGES = '/var/lib/libvirt/images';

/** Paths, and why they stay. */
export type Left = Map<string, string>;

/** What of a VM's files can go. */
export interface OwnFiles {
  readonly directory: string;
  /** Names of files in the directory. */
  readonly files: ReadonlySet<string>;
  readonly left: Left;
  readonly nvram: Nvram | undefined;
}

export interface Traces {
  readonly name: string;
  /** The domain's document as it is stored, and as it ran. */
  readonly stored: string;
  readonly live: string;
  readonly metadata: DomainMetadata | undefined;
  readonly storagePath: string;
  /** Which other VM stands on a path. */
  readonly users: ReadonlyMap<string, string>;
}

/** Tells the files that are provably the VM's own from all others that its documents name. @throws PlowError, HypervisorError */
export async function findOwnFiles(traces: Traces, hypervisor: Hypervisor): Promise<OwnFiles> {
  const { name, stored, live, users } = traces;
  const directory = directoryOf(traces);
  const files = new Set<string>();
  const left: Left = new Map();
  const disks = [stored, live].flatMap((xml) => understand({ name, xml }, readDisks));
  const nvram = findNvram(name, { stored, live }, directory, users);
  const made = madeFiles(traces, directory);
  const claimed = new Set([...made, ...disks.flatMap((disk) => claim(disk, directory, left))]);
  if (nvram?.kept !== undefined) left.set(nvram.path, nvram.kept);
  else if (nvram !== undefined && isIn(directory, nvram.path)) claimed.add(nvram.path);
  const neighbour = someoneElseIn(directory, claimed, users);
  const isShared = neighbour !== undefined || directory === LIBVIRT_IMAGES;
  const usersOf = await bySight(claimed, users, hypervisor);
  for (const path of claimed) {
    const user = usersOf.get(path);
    if (user !== undefined) left.set(path, `VM '${user}' stands on it`);
    else if (isShared && !made.includes(path)) {
      left.set(
        path,
        `${neighbour === undefined ? 'others have' : `VM '${neighbour}' has`} files in ${directory} too`,
      );
    } else files.add(posix.basename(path));
  }
  return { directory, files, left, nvram };
}

/** Anyone can edit metadata: the directory there counts only where plow can have made it for this very VM. */
function directoryOf({ name, metadata, storagePath }: Traces): string {
  if (metadata === undefined || posix.basename(metadata.directory) !== metadata.machine.name) {
    return vmDirectory(storagePath, name);
  }
  return metadata.directory;
}

/** What plow made; a snapshot may have put others in their place since. */
function madeFiles({ metadata }: Traces, directory: string): readonly string[] {
  if (metadata?.directory !== directory) return [];
  return machineFiles(metadata.machine).map((file) => `${directory}/${file}`);
}

/** The path of a disk that is the VM's own by its place; else it goes to `left`. */
function claim({ path, target, type }: DomainDisk, directory: string, left: Left): readonly string[] {
  if (path === undefined) {
    // A drive without a medium has nothing to leave.
    if (type !== 'file' && type !== 'block') left.set(`disk ${target}`, `its source is of type ${type}`);
    return [];
  }
  if (type === 'file' && isIn(directory, path)) return [path];
  left.set(path, `not in the VM's directory ${directory}`);
  return [];
}

/** Exactly one level below, without a detour. */
function isIn(directory: string, path: string): boolean {
  return posix.normalize(path) === path && posix.dirname(path) === directory;
}

/** A directory in which another VM has files of its own is not this one's alone, whatever its name. */
function someoneElseIn(
  directory: string,
  claimed: ReadonlySet<string>,
  users: ReadonlyMap<string, string>,
): string | undefined {
  for (const [path, user] of users) {
    if (posix.dirname(path) === directory && !claimed.has(path)) return user;
  }
  return undefined;
}

/** The users of these files, also where another document takes another way to the same file, if that can be told. */
async function bySight(
  claimed: ReadonlySet<string>,
  users: ReadonlyMap<string, string>,
  hypervisor: Hypervisor,
): Promise<ReadonlyMap<string, string>> {
  const names = new Set([...claimed].map((path) => posix.basename(path)));
  const found = new Map(users);
  const real = new Map<string, string>();
  for (const [path, user] of users) {
    if (!names.has(posix.basename(path))) continue;
    const place = await hypervisor.realPath(path);
    if (place !== undefined) real.set(place, user);
  }
  for (const path of real.size > 0 ? claimed : []) {
    const user = real.get((await hypervisor.realPath(path)) ?? '');
    if (user !== undefined) found.set(path, user);
  }
  return found;
}
