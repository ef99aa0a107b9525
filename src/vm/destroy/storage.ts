import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import type { HypervisorErrorReason } from '../../errors/hypervisor-error.ts';
import { readConsoleLogs, readDisks } from '../../libvirt-xml/read/used-files.ts';
import { CONSOLE_LOG_FILE, CONSOLE_LOG_PARTS, isSnapshotFile, machineFiles } from '../../config/vm-paths.ts';
import type { VmContext } from '../context.ts';
import { explain } from '../failure.ts';
import { stopLentPool } from '../storage/directory-pool.ts';
import type { Nvram } from '../ownership/nvram.ts';
import { findOwnFiles } from '../ownership/own-files.ts';
import type { Left, OwnFiles } from '../ownership/own-files.ts';
import { ownDocumentsIn } from '../ownership/own-documents.ts';
import { removeUnused } from '../ownership/remove-unused.ts';
import { usersOfFiles } from '../ownership/used-files.ts';
import type { Going } from '../ownership/used-files.ts';
import { openVmDirectory, waitForOthers } from '../storage/open-vm-directory.ts';
import type { OpenDirectory } from '../storage/open-vm-directory.ts';
import { withoutKept } from './keep-data.ts';
import type { DestroyTarget } from './target.ts';
import { whenIdle } from '../storage/when-idle.ts';

/** How often another destroy of the same VM may get in the way before that counts as an error. */
const TRIES = 20;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1600;
/** What a call says when another destroy has just removed or opened what it is about. */
const CROSSED: ReadonlySet<HypervisorErrorReason> = new Set([
  'not-found',
  'no-such-file',
  'busy',
  'already-exists',
]);

/** What destroy did with a VM's files. */
export interface Removed {
  /** Paths that stay, and why. */
  readonly left: ReadonlyMap<string, string>;
  readonly nvram: Nvram | undefined;
  /** Whether any file is gone. */
  readonly some: boolean;
  /** What should have been there and was not. */
  readonly missing: readonly string[];
  /** Of the VM, which go with the domain. */
  readonly snapshots: number;
}

/** What came of a directory, over all tries. */
interface Emptied {
  readonly removed: Set<string>;
  readonly missing: Set<string>;
  readonly left: Left;
}

/**
 * Deletes the files that are provably the VM's own, and their directory once it is empty; the NVRAM goes with
 * the domain.
 * @param keep paths of files that stay all the same
 * @throws PlowError (storage; operation where another destroy was faster)
 */
export async function removeStorage(
  target: DestroyTarget,
  keep: ReadonlySet<string>,
  context: VmContext,
): Promise<Removed> {
  const { name } = target;
  let own: OwnFiles | undefined;
  try {
    const found = await ownFilesOf(target, keep, context);
    own = found.own;
    await stopPoolOfImage(target, context);
    const { left, removed, missing } = await emptyWithPatience(target, own, context);
    const { nvram } = own;
    return {
      left,
      nvram,
      some: [...removed].some(isStorage),
      missing: [...missing],
      snapshots: found.snapshots,
    };
  } catch (error) {
    if (!(error instanceof HypervisorError)) throw error;
    if (error.reason !== 'disconnected') await assertSameVmIfKnown(target);
    tellWhatIsLeft(target, own, context);
    const place = own === undefined ? '' : ` in ${own.directory}`;
    throw explain(error, 'storage', `cannot remove the storage of VM '${name}'${place}`, AGAIN);
  }
}

/** Why something is left. */
export const UNKNOWN = 'not made by plow, and not a disk of the VM';
export const LINK = 'a link, not a directory of its own: nothing behind it was touched';
export function ofForeignPool(name: string): string {
  return `the pool '${name}' on it is not plow's`;
}

/** A log alone is not worth a word. */
function isStorage(file: string): boolean {
  return file !== CONSOLE_LOG_FILE && !CONSOLE_LOG_PARTS.includes(file);
}

const AGAIN = 'run the same command again';

/**
 * What of a VM that is to go is provably its own, and why.
 * @param keep paths of files that stay all the same
 * @throws PlowError, HypervisorError
 */
export async function ownFilesOf(
  target: DestroyTarget,
  keep: ReadonlySet<string>,
  context: VmContext,
): Promise<{ readonly own: OwnFiles; readonly snapshots: number }> {
  const { name, uuid, stored, live, metadata } = target;
  const usage = await usersOfFiles(uuid, goingOf(target), context);
  const { storagePath } = context;
  const own = await findOwnFiles({ name, stored, live, metadata, storagePath, usage }, context);
  return { own: withoutKept(own, target, keep), snapshots: usage.snapshots };
}

/** A create that died may have left one on the directory of its image. */
async function stopPoolOfImage({ metadata }: DestroyTarget, context: VmContext): Promise<void> {
  const image = metadata?.status === 'creating' ? metadata.declared.bootDisk.image : undefined;
  if (image !== undefined) await stopLentPool(posix.dirname(image), context);
}

/**
 * Whatever of a VM may turn out to be its own: also what metadata do not tell of, disks that were added later
 * and those it runs with.
 */
function goingOf(target: DestroyTarget): Going {
  const disks = [target.stored, target.live].flatMap(readDisks);
  const logs = [target.stored, target.live].flatMap(readConsoleLogs);
  const parts = logs.flatMap((log) => CONSOLE_LOG_PARTS.map((part) => posix.join(posix.dirname(log), part)));
  const paths = [
    ...new Set([...namedFiles(target), ...disks.flatMap(({ path }) => path ?? []), ...logs, ...parts]),
  ];
  return { names: new Set(paths.map((path) => posix.basename(path))), paths };
}

async function emptyWithPatience(target: DestroyTarget, own: OwnFiles, context: VmContext): Promise<Emptied> {
  const removed = new Set<string>();
  for (let tries = 1; ; tries += 1) {
    const emptied: Emptied = { removed, missing: new Set(), left: new Map(own.left) };
    try {
      if (tries > 1) await waitForOthers(context, target.name, own.directory);
      await emptyDirectory(target, own, emptied, context);
      return emptied;
    } catch (error) {
      if (tries === TRIES || !(error instanceof HypervisorError) || !CROSSED.has(error.reason)) throw error;
      // Each by another time, so that they do not get into each other's way for ever.
      await sleep(Math.random() * Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS));
    }
  }
}

/** What a destroy that failed may not have reached, for the person who now looks after it. */
function tellWhatIsLeft(target: DestroyTarget, own: OwnFiles | undefined, { progress }: VmContext): void {
  const paths = own === undefined ? namedFiles(target) : pathsOf(own.directory, [...own.files.keys()]);
  if (paths.length > 0) progress.note(`left, in part or whole: ${paths.join(', ')}`);
}

/** As far as the VM itself says. */
function namedFiles({ stored, metadata }: DestroyTarget): readonly string[] {
  const logs = readConsoleLogs(stored);
  if (metadata !== undefined)
    return [...pathsOf(metadata.directory, machineFiles(metadata.declared)), ...new Set(logs)];
  return [...readDisks(stored).flatMap(({ path }) => path ?? []), ...new Set(logs)];
}

function pathsOf(directory: string, files: readonly string[]): readonly string[] {
  return [directory, ...files.map((file) => `${directory}/${file}`)];
}

/** An error that is told already must not be hidden by that of looking again. */
async function assertSameVmIfKnown({ assertSameVm }: DestroyTarget): Promise<void> {
  try {
    await assertSameVm();
  } catch (error) {
    if (!(error instanceof HypervisorError)) throw error;
  }
}

async function emptyDirectory(
  target: DestroyTarget,
  { directory, files: own, expected, logParts, links, isShared }: OwnFiles,
  { removed, missing, left }: Emptied,
  context: VmContext,
): Promise<void> {
  const { name, uuid, assertSameVm } = target;
  await assertSameVm();
  const open = await openVmDirectory(context, name, directory);
  if (open === 'missing') {
    const gone = [...expected].filter((file) => !removed.has(file));
    if (gone.length > 0) missing.add(`${directory} with ${gone.join(', ')}`);
    return;
  }
  if (open === 'elsewhere') {
    left.set(directory, LINK);
    return;
  }
  using pool = open.pool;
  let files: readonly string[];
  try {
    const remove = async (file: string): Promise<void> => {
      context.signal.throwIfAborted();
      await assertSameVm();
      using volume = await pool.findVolume(file);
      if (volume === undefined) {
        if (expected.has(file) && !removed.has(file)) missing.add(`${directory}/${file}`);
        return;
      }
      await whenIdle(pool, context, () => volume.delete());
      removed.add(file);
      const place = links.get(file);
      if (place !== undefined) left.set(place, `${directory}/${file} was a link to it`);
    };
    for (const file of own.keys()) await remove(file);
    const rest = await withoutLayers(target, open, { directory, removed, left }, context);
    for (const file of rest) if (logParts.has(file)) await remove(file);
    for (const file of isShared ? [] : await ownDocumentsIn(pool, rest, { name, uuid })) await remove(file);
    files = rest.filter((file) => !removed.has(file));
  } catch (error) {
    await open.close(false).catch(() => undefined);
    throw error;
  }
  for (const file of files) {
    const path = `${directory}/${file}`;
    if (!left.has(path)) left.set(path, UNKNOWN);
  }
  await closeDirectory(open, directory, files.length === 0, left);
}

/**
 * What plow made for snapshots, be it that no document names it any more: it goes unless another VM stands on
 * it. @returns what is there then
 */
async function withoutLayers(
  target: DestroyTarget,
  { pool }: OpenDirectory,
  { directory, removed, left }: Pick<Emptied, 'removed' | 'left'> & { readonly directory: string },
  context: VmContext,
): Promise<readonly string[]> {
  const files = await pool.volumeNames();
  const paths = layersAmong(target, directory, files);
  if (paths.length === 0) return files;
  const swept = await removeUnused(target, paths, pool, context);
  for (const file of swept.removed) removed.add(file);
  for (const [path, why] of swept.left) left.set(path, why);
  return files.filter((file) => !swept.removed.includes(file));
}

/** Paths of what plow calls layers and copies of snapshots, where the directory is one that plow made. */
export function layersAmong(
  { metadata }: DestroyTarget,
  directory: string,
  files: readonly string[],
): readonly string[] {
  if (metadata?.directory !== directory) return [];
  return files.filter(isSnapshotFile).map((file) => `${directory}/${file}`);
}

async function closeDirectory(
  open: OpenDirectory,
  directory: string,
  isEmpty: boolean,
  left: Left,
): Promise<void> {
  if (!open.own) left.set(directory, ofForeignPool(open.pool.name));
  try {
    await open.close(open.own && isEmpty);
  } catch (error) {
    if (isReason(error, 'not-empty')) left.set(directory, 'not empty');
    else if (isReason(error, 'in-use')) left.set(directory, 'in use: a mount point?');
    else throw error;
  }
}
