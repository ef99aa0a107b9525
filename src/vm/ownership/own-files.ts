import { posix } from 'node:path';
import type { DomainMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { readConsoleLogs, readDisks } from '../../libvirt-xml/read/used-files.ts';
import type { DomainDisk } from '../../libvirt-xml/read/used-files.ts';
import {
  CONSOLE_LOG_FILE,
  CONSOLE_LOG_PARTS,
  isProvisioningFile,
  machineFiles,
  vmDirectory,
} from '../../config/vm-paths.ts';
import type { VmContext } from '../context.ts';
import { findNvram } from './nvram.ts';
import type { Nvram } from './nvram.ts';
import { placesOf, sameByMarks, sameByPlace } from './same-file.ts';
import type { SameFiles } from './same-file.ts';
import type { Unseen, Usage } from './used-files.ts';

/** libvirt's own directory of images, in which every VM may have some, whatever a VM is called. */
export const LIBVIRT_IMAGES = '/var/lib/libvirt/images';

/** Why the log of a console goes. */
export const CONSOLE_LOG = 'what its console wrote';

/** Paths, and why they stay. */
export type Left = Map<string, string>;

/** What of a VM's files can go. */
export interface OwnFiles {
  readonly directory: string;
  /** Names of files in the directory, each with why it is the VM's own. */
  readonly files: ReadonlyMap<string, string>;
  /** Those of them that a VM which is complete has. */
  readonly expected: ReadonlySet<string>;
  /** Those of them that are links, and where to, as far as that can be told. */
  readonly links: ReadonlyMap<string, string>;
  /** Names of older parts of its console log, as far as they are there. */
  readonly logParts: ReadonlySet<string>;
  readonly left: Left;
  readonly nvram: Nvram | undefined;
  /** Others have files in the directory too. */
  readonly isShared: boolean;
}

export interface Traces {
  readonly name: string;
  /** The domain's document as it is stored, and as it ran. */
  readonly stored: XmlElement;
  readonly live: XmlElement;
  readonly metadata: DomainMetadata | undefined;
  readonly storagePath: string;
  readonly usage: Usage;
}

/**
 * Tells the files that are provably the VM's own from all others that its documents name.
 * @throws PlowError, HypervisorError
 */
export async function findOwnFiles(traces: Traces, context: VmContext): Promise<OwnFiles> {
  const { name, stored, live, usage } = traces;
  const { users } = usage;
  const directory = directoryOf(traces);
  const files = new Map<string, string>();
  const left: Left = new Map();
  const disks = [stored, live].flatMap(readDisks);
  const nvram = findNvram(name, { stored, live }, directory, users, context.hypervisor.places);
  const made = madeFiles(traces, directory);
  const media = disks.filter((disk) => isMedium(disk, made, name));
  for (const { path = '', target } of media)
    if (isIn(directory, path)) left.set(path, `a medium, in its drive ${target}`);
  const claimed = new Set([
    ...made,
    ...disks.filter((disk) => !media.includes(disk)).flatMap((disk) => claim(disk, directory, left)),
  ]);
  if (nvram?.kept !== undefined) left.set(nvram.path, nvram.kept);
  else if (nvram !== undefined && isIn(directory, nvram.path)) claimed.add(nvram.path);
  const logs = [stored, live].flatMap(readConsoleLogs).filter((path) => isOwnLog(path, directory));
  for (const path of logs) claimed.add(path);
  const neighbour = someoneElseIn(directory, claimed, users);
  const isShared = neighbour !== undefined || directory === LIBVIRT_IMAGES;
  const { usersOf, unsure } = await bySight(claimed, usage, context);
  const [doubt] = usage.unseen;
  const bases = new Set([
    ...made,
    ...disks.filter(({ device }) => device === 'disk').map(({ path }) => path),
  ]);
  for (const path of claimed) {
    const user = usersOf.get(path);
    if (user !== undefined) left.set(path, `VM '${user}' stands on it`);
    else if (unsure.has(path))
      left.set(path, `it could not be told whether another VM stands on it: ${unsure.get(path)}`);
    else if (doubt !== undefined && bases.has(path) && !isProvisioningFile(posix.basename(path)))
      left.set(path, wordsOf(doubt));
    else if (isShared && !made.includes(path) && !(made.length > 0 && logs.includes(path))) {
      left.set(
        path,
        `${neighbour === undefined ? 'others have' : `VM '${neighbour}' has`} files in ${directory} too`,
      );
    } else files.set(posix.basename(path), whyOwn(path, { made, disks, nvram, logs }));
  }
  const expected = new Set(traces.metadata?.status === 'creating' ? [] : files.keys());
  if (nvram !== undefined) expected.delete(posix.basename(nvram.path));
  for (const path of logs) expected.delete(posix.basename(path));
  const logParts = new Set(
    files.has(CONSOLE_LOG_FILE)
      ? CONSOLE_LOG_PARTS.filter((part) => !usersOf.has(`${directory}/${part}`))
      : [],
  );
  return {
    directory,
    files,
    expected,
    logParts,
    links: await linksAmong([...files.keys()], directory, context),
    left,
    nvram,
    isShared,
  };
}

interface Claims {
  readonly made: readonly string[];
  readonly disks: readonly DomainDisk[];
  readonly nvram: Nvram | undefined;
  readonly logs: readonly string[];
}

function whyOwn(path: string, { made, disks, nvram, logs }: Claims): string {
  if (made.includes(path)) return 'plow made it';
  if (nvram?.path === path) return 'its UEFI variables';
  if (logs.includes(path)) return CONSOLE_LOG;
  const disk = disks.find((one) => one.path === path);
  return `in its directory, and its document names it as ${disk?.target ?? 'a disk'}`;
}

/** Why nobody knows whether another VM stands on a file. */
export function wordsOf({ name, path, why }: Unseen): string {
  const what = path === undefined ? 'what it can go back to' : `its disk ${path}`;
  return `VM '${name}' may stand on it: ${what} could not be looked at: ${why}`;
}

/** Anyone can edit metadata: the directory there counts only where plow can have made it for this very VM. */
export function directoryOf({
  name,
  metadata,
  storagePath,
}: Pick<Traces, 'name' | 'metadata' | 'storagePath'>): string {
  if (metadata === undefined || posix.basename(metadata.directory) !== metadata.declared.name) {
    return vmDirectory(storagePath, name);
  }
  return metadata.directory;
}

/** What plow made; a snapshot may have put others in their place since. */
function madeFiles({ metadata }: Traces, directory: string): readonly string[] {
  if (metadata?.directory !== directory) return [];
  return machineFiles(metadata.declared).map((file) => `${directory}/${file}`);
}

/**
 * In a drive of a VM that plow made, and not its seed: others may have it in theirs. The Ansible role called
 * seeds after the VM.
 */
function isMedium({ device, path }: DomainDisk, made: readonly string[], name: string): boolean {
  if (device !== 'cdrom' || path === undefined || made.length === 0) return false;
  return !made.includes(path) && posix.basename(path) !== `${name}-cloudinit.iso`;
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

/** Of a log elsewhere, or called otherwise, nobody knows what else is in it. */
function isOwnLog(path: string, directory: string): boolean {
  return isIn(directory, path) && posix.basename(path) === CONSOLE_LOG_FILE;
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

/**
 * The users of these files, also where another document takes another way to the same file, as far as that
 * can be told.
 * @throws HypervisorError
 */
export async function bySight(
  claimed: ReadonlySet<string>,
  { users, marks, ownMarks, places }: Usage,
  context: VmContext,
): Promise<{ readonly usersOf: ReadonlyMap<string, string>; readonly unsure: ReadonlyMap<string, string> }> {
  const usersOf = new Map(users);
  const unsure = new Map<string, string>();
  const own = [...claimed].filter((path) => !users.has(path));
  if (users.size === 0 || own.length === 0) return { usersOf, unsure };
  const seen: SameFiles[] = [sameByPlace(await placesOf(own, context), places)];
  if (marks.size > 0) seen.push(await sameByMarks(own, ownMarks, marks, context));
  for (const each of seen) {
    for (const [path, why] of each.unsure) unsure.set(path, why);
    for (const [path, others] of each.same) {
      const user = others.map((other) => users.get(other)).find((name) => name !== undefined);
      if (user !== undefined) usersOf.set(path, user);
    }
  }
  return { usersOf, unsure };
}

/** libvirt does not tell links from files: on another machine none is known. */
async function linksAmong(
  files: readonly string[],
  directory: string,
  context: VmContext,
): Promise<ReadonlyMap<string, string>> {
  if (context.hypervisor.local === undefined) return new Map();
  const paths = files.map((file) => `${directory}/${file}`);
  const { real: places } = await placesOf([directory, ...paths], context);
  const real = places.get(directory) ?? directory;
  return new Map(
    files.flatMap((file) => {
      const place = places.get(`${directory}/${file}`);
      return place === undefined || place === posix.join(real, file) ? [] : [[file, place] as const];
    }),
  );
}
