import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import type { HypervisorErrorReason } from '../../errors/hypervisor-error.ts';
import { CONSOLE_LOG_FILE, CONSOLE_LOG_PARTS, isDataDiskFile } from '../../config/vm-paths.ts';
import type { VmContext } from '../context.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { explain, explaining } from '../failure.ts';
import { stopLentPool } from '../storage/directory-pool.ts';
import type { Nvram } from '../ownership/nvram.ts';
import { directoryOf } from '../ownership/own-files.ts';
import type { Left, OwnFiles } from '../ownership/own-files.ts';
import { ownDocumentsIn } from '../ownership/own-documents.ts';
import { removeUnused, unusedAmong } from '../ownership/remove-unused.ts';
import { openVmDirectory, waitForOthers } from '../storage/open-vm-directory.ts';
import type { OpenDirectory } from '../storage/open-vm-directory.ts';
import { refuseSeed } from './keep-data.ts';
import { layersAmong } from './made-later.ts';
import type { DestroyTarget } from './target.ts';
import { whenIdle } from '../storage/when-idle.ts';
import { namedFiles, ownFilesOf, pathsOf } from './what-is-own.ts';

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

/** What came of a directory. */
interface Emptied {
  readonly missing: Set<string>;
  readonly left: Left;
  readonly nvram: Nvram | undefined;
  readonly snapshots: number;
}

/** Over all tries. */
interface SoFar {
  /** Paths of files that stay all the same. */
  readonly keep: ReadonlySet<string>;
  readonly removed: Set<string>;
  /** As it was looked at last. */
  found: OwnFiles | undefined;
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
  const { storagePath } = context;
  const directory = directoryOf({ ...target, storagePath });
  const sofar: SoFar = { keep, removed: new Set(), found: undefined };
  try {
    await stopPoolOfImage(target, context);
    const { left, missing, nvram, snapshots } = await emptyWithPatience(target, directory, sofar, context);
    return { left, nvram, some: [...sofar.removed].some(isStorage), missing: [...missing], snapshots };
  } catch (error) {
    if (!(error instanceof HypervisorError)) throw error;
    if (error.reason !== 'disconnected') await assertSameVmIfKnown(target);
    tellWhatIsLeft(target, sofar.found, context);
    throw explain(error, 'storage', `cannot remove the storage of VM '${name}' in ${directory}`, AGAIN);
  }
}

/**
 * Before a guest is touched: a VM that cannot be destroyed whole goes on. Any look-up shows whether storage
 * answers. @throws PlowError
 */
export async function assertStorageAnswers({ name }: DestroyTarget, context: VmContext): Promise<void> {
  const asking = context.hypervisor.findPoolByPath(context.storagePath);
  const cannot = `cannot destroy VM '${name}', which is as it was: storage does not answer`;
  const pool = await explaining(asking, 'operation', cannot);
  pool?.[Symbol.dispose]();
}

/** Why something is left. */
export const UNKNOWN = 'not made by plow, and not a disk of the VM';

/** Why a file is left that neither metadata nor documents of the VM name. */
export function whyUnknown(file: string): string {
  return isDataDiskFile(file) ? 'no disk of the VM any more: plow detach disk leaves the file' : UNKNOWN;
}

export const LINK = 'a link, not a directory of its own: nothing behind it was touched';
export function ofForeignPool(name: string): string {
  return `the pool '${name}' on it is not plow's`;
}

/** A log alone is not worth a word. */
function isStorage(file: string): boolean {
  return file !== CONSOLE_LOG_FILE && !CONSOLE_LOG_PARTS.includes(file);
}

const AGAIN = 'run the same command again';

/** A create that died may have left one on the directory of its image. */
async function stopPoolOfImage({ metadata }: DestroyTarget, context: VmContext): Promise<void> {
  const image = metadata?.status === 'creating' ? metadata.declared.bootDisk.image : undefined;
  if (image !== undefined) await stopLentPool(posix.dirname(image), context);
}

async function emptyWithPatience(
  target: DestroyTarget,
  directory: string,
  sofar: SoFar,
  context: VmContext,
): Promise<Emptied> {
  for (let tries = 1; ; tries += 1) {
    try {
      if (tries > 1) await waitForOthers(context, target.name, directory);
      return await openAndEmpty(target, directory, sofar, context);
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

/** An error that is told already must not be hidden by that of looking again. */
async function assertSameVmIfKnown({ assertSameVm }: DestroyTarget): Promise<void> {
  try {
    await assertSameVm();
  } catch (error) {
    if (!(error instanceof HypervisorError)) throw error;
  }
}

/**
 * Who stands on the files is looked at once the directory is open, so that nothing but the deletions is
 * between the look and the last of them.
 */
async function openAndEmpty(
  target: DestroyTarget,
  directory: string,
  sofar: SoFar,
  context: VmContext,
): Promise<Emptied> {
  await target.assertSameVm();
  const open = await openVmDirectory(context, target.name, directory);
  if (typeof open === 'string') {
    const { own, snapshots } = await ownFilesOf(target, sofar.keep, context);
    sofar.found = own;
    const gone = [...own.expected].filter((file) => !sofar.removed.has(file));
    const isMissing = open === 'missing' && gone.length > 0;
    return {
      missing: new Set(isMissing ? [`${directory} with ${gone.join(', ')}`] : []),
      left: open === 'elsewhere' ? new Map([...own.left, [directory, LINK]]) : own.left,
      nvram: own.nvram,
      snapshots,
    };
  }
  using pool = open.pool;
  let emptied: Emptied;
  let files: readonly string[];
  try {
    const { own, snapshots } = await ownFilesOf(target, sofar.keep, context);
    sofar.found = own;
    emptied = { missing: new Set(), left: own.left, nvram: own.nvram, snapshots };
    files = await empty(target, own, pool, { ...emptied, ...sofar }, context);
  } catch (error) {
    await open.close(false).catch(() => undefined);
    throw error;
  }
  const { left } = emptied;
  for (const file of files) {
    const path = `${directory}/${file}`;
    if (!left.has(path)) left.set(path, whyUnknown(file));
  }
  await closeDirectory(open, directory, files.length === 0, left);
  return emptied;
}

/** @returns what is there then */
async function empty(
  target: DestroyTarget,
  { directory, files: own, expected, logParts, links, isShared }: OwnFiles,
  pool: Pool,
  { keep, removed, missing, left }: Pick<SoFar, 'keep' | 'removed'> & Pick<Emptied, 'missing' | 'left'>,
  context: VmContext,
): Promise<readonly string[]> {
  const { name, uuid, assertSameVm } = target;
  const remove = async (file: string): Promise<void> => {
    context.signal.throwIfAborted();
    await assertSameVm();
    using volume = await pool.findVolume(file);
    if (volume === undefined) {
      if (expected.has(file) && !removed.has(file)) missing.add(`${directory}/${file}`);
      return;
    }
    const path = `${directory}/${file}`;
    let waited = false;
    await whenIdle(pool, context, async () => {
      // A job of another client, which may take minutes, can be one that makes a VM on this very disk.
      if (waited) await assertSameVm();
      if (waited) for (const [, why] of (await unusedAmong(uuid, [path], context)).left) left.set(path, why);
      waited = true;
      if (!left.has(path)) await volume.delete();
    });
    if (left.has(path)) return;
    removed.add(file);
    const place = links.get(file);
    if (place !== undefined) left.set(place, `${path} was a link to it`);
  };
  for (const file of own.keys()) await remove(file);
  if (keep.size > 0) refuseSeed(name, directory, left);
  const rest = await withoutLayers(target, pool, { directory, removed, left }, context);
  for (const file of rest) if (logParts.has(file)) await remove(file);
  for (const file of isShared ? [] : await ownDocumentsIn(pool, rest, { name, uuid })) await remove(file);
  return rest.filter((file) => !removed.has(file));
}

/**
 * What plow made for snapshots, be it that no document names it any more: it goes unless another VM stands on
 * it. @returns what is there then
 */
async function withoutLayers(
  target: DestroyTarget,
  pool: Pool,
  {
    directory,
    removed,
    left,
  }: Pick<SoFar, 'removed'> & Pick<Emptied, 'left'> & { readonly directory: string },
  context: VmContext,
): Promise<readonly string[]> {
  const files = await pool.volumeNames();
  const paths = layersAmong(target, directory, files).filter((path) => !left.has(path));
  if (paths.length === 0) return files;
  const swept = await removeUnused(target, paths, pool, context);
  for (const file of swept.removed) removed.add(file);
  for (const [path, why] of swept.left) left.set(path, why);
  return files.filter((file) => !swept.removed.includes(file));
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
