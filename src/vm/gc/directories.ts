import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import {
  CONSOLE_LOG_FILE,
  CONSOLE_LOG_PARTS,
  isSnapshotFile,
  SEED_FILE,
  vmDirectory,
} from '../../config/vm-paths.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { agoText } from '../../text/quantities.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { LINK, ofForeignPool, UNKNOWN } from '../destroy/storage.ts';
import { unusedAmong } from '../ownership/remove-unused.ts';
import { refreshed, withPoolOn } from '../storage/directory-pool.ts';
import { openVmDirectory } from '../storage/open-vm-directory.ts';
import type { OpenDirectory } from '../storage/open-vm-directory.ts';
import { whenIdle } from '../storage/when-idle.ts';
import { NOTHING_LEFT } from './garbage.ts';
import type { Fate, Garbage, Left } from './garbage.ts';
import { madeFor, MOST_SEED_BYTES } from './seed-proof.ts';

/** No domain has it: all of them count as users of a file. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

/** What plow calls a disk of a VM. */
export const DISK_FILE = /^(?:boot\.(?:qcow2|raw)|data-[a-z]+\.qcow2)$/u;

/** Whether a file in the directory of a VM is called as plow calls its own. */
function isMachineFile(file: string): boolean {
  return (
    DISK_FILE.test(file) ||
    file === SEED_FILE ||
    file === CONSOLE_LOG_FILE ||
    CONSOLE_LOG_PARTS.includes(file) ||
    isSnapshotFile(file)
  );
}

/** Names in the storage path. @throws HypervisorError */
export function namesBelow(context: VmContext): Promise<readonly string[]> {
  return withPoolOn(context.storagePath, context, async (pool, isFresh) => {
    if (!isFresh) await refreshed(pool);
    return pool.volumeNames();
  });
}

/**
 * Directories of VMs that are gone: those with files that are called as plow's, and no VM of that name.
 * @param names in the storage path, listed before the VMs were
 * @param vms names of all domains
 * @param isShared why others than this hypervisor may have VMs there
 * @param restMs how long nobody may have written to them
 * @throws PlowError, HypervisorError
 */
export async function findDirectories(
  names: readonly string[],
  vms: ReadonlySet<string>,
  { isShared, restMs }: Doubts,
  context: VmContext,
): Promise<readonly Garbage[]> {
  const found: Garbage[] = [];
  for (const name of names.toSorted()) {
    context.signal.throwIfAborted();
    if (vms.has(name)) continue;
    const seen = await lookInto(name, context);
    if (seen === undefined) continue;
    const path = vmDirectory(context.storagePath, name);
    found.push({
      kind: 'directory',
      what: path,
      bytes: seen.bytes,
      why: `there is no VM '${name}'`,
      fate: await fateOf(name, seen, { isShared, restMs }, context),
    });
  }
  return found;
}

/** Why a directory may be needed though nothing here says so. */
interface Doubts {
  readonly isShared: string | undefined;
  readonly restMs: number;
}

interface SeenDirectory {
  /** Files that are called as plow's. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** When somebody wrote into one of them last, in seconds since 1970; undefined where that is not known. */
  readonly writtenAt: number | undefined;
  /** The VM that its seed was made for. */
  readonly madeFor: string | undefined;
}

/** Undefined for what is no directory, or has nothing in it that is called as plow's. */
async function lookInto(name: string, context: VmContext): Promise<SeenDirectory | undefined> {
  try {
    return await withPoolOn(vmDirectory(context.storagePath, name), context, async (pool, isFresh) => {
      if (!isFresh) await refreshed(pool);
      const files = (await pool.volumeNames()).filter(isMachineFile);
      if (files.length === 0) return undefined;
      return { files, ...(await factsOf(files, pool)), madeFor: await proofIn(pool) };
    });
  } catch (error) {
    if (isReason(error, 'not-a-directory') || isReason(error, 'no-such-file')) return undefined;
    throw error;
  }
}

async function factsOf(
  files: readonly string[],
  pool: Pool,
): Promise<Pick<SeenDirectory, 'bytes' | 'writtenAt'>> {
  let bytes = 0;
  const times: (number | undefined)[] = [];
  for (const file of files) {
    using volume = await pool.findVolume(file);
    if (volume === undefined) continue;
    const { allocationBytes, writtenAt } = readVolume(await volume.xml());
    bytes += allocationBytes;
    times.push(writtenAt);
  }
  const known = times.filter((time) => time !== undefined);
  return { bytes, writtenAt: known.length < times.length ? undefined : Math.max(...known) };
}

async function proofIn(pool: Pool): Promise<string | undefined> {
  using seed = await pool.findVolume(SEED_FILE);
  // The error of a stream from anything but a file may break the connection.
  if (seed === undefined || readVolume(await seed.xml()).type !== 'file') return undefined;
  const bytes = await seed.download(MOST_SEED_BYTES);
  return bytes === undefined ? undefined : madeFor(bytes);
}

async function fateOf(
  name: string,
  { files, writtenAt, madeFor: owner }: SeenDirectory,
  { isShared, restMs }: Doubts,
  context: VmContext,
): Promise<Fate> {
  const path = vmDirectory(context.storagePath, name);
  if (owner !== name) {
    const why =
      owner === undefined
        ? `no seed of plow's in it proves that plow made it`
        : `its seed was made for VM '${owner}'`;
    return { stays: `${why}: rm -r ${shellQuote(path)} if nobody needs it` };
  }
  if (isShared !== undefined) return { stays: isShared };
  const ageMs = context.now().getTime() - 1000 * (writtenAt ?? Infinity);
  if (restMs > 0 && !(ageMs >= restMs)) {
    return { stays: `somebody wrote into it ${agoText(ageMs)}: --older-than says how long that may be ago` };
  }
  const paths = files.map((file) => `${path}/${file}`);
  const { left } = await unusedAmong(NOBODY, paths, context);
  const [used] = left;
  if (used !== undefined) return { stays: `${posix.basename(used[0])}: ${used[1]}` };
  return { remove: () => removeDirectory(name, context) };
}

/** The seed goes last: a gc that was killed half way has its proof still. */
async function removeDirectory(name: string, context: VmContext): Promise<Left> {
  const path = vmDirectory(context.storagePath, name);
  await assertGone(name, context);
  const open = await openVmDirectory(context, name, path);
  if (open === 'missing') return NOTHING_LEFT;
  if (open === 'elsewhere') return new Map([[path, LINK]]);
  using pool = open.pool;
  if (!open.own) {
    await open.close(false);
    return new Map([[path, ofForeignPool(pool.name)]]);
  }
  let left: Left;
  try {
    left = await empty(name, open, context);
  } catch (error) {
    await open.close(false).catch(() => undefined);
    throw error;
  }
  await open.close(left.size === 0);
  return left;
}

async function empty(name: string, { pool }: OpenDirectory, context: VmContext): Promise<Left> {
  const path = vmDirectory(context.storagePath, name);
  const names = await pool.volumeNames();
  if ((await proofIn(pool)) !== name) return new Map([[path, 'its seed is another one by now']]);
  const own = names.filter(isMachineFile).toSorted((one, other) => rank(one) - rank(other));
  const paths = own.map((file) => `${path}/${file}`);
  const { left } = await unusedAmong(NOBODY, paths, context);
  const [used] = left;
  if (used !== undefined) return new Map([[path, `${posix.basename(used[0])}: ${used[1]}`]]);
  for (const file of own) {
    context.signal.throwIfAborted();
    await assertGone(name, context);
    using volume = await pool.findVolume(file);
    if (volume !== undefined) await whenIdle(pool, context, () => volume.delete());
  }
  const foreign = names.filter((file) => !own.includes(file));
  return new Map(foreign.map((file) => [`${path}/${file}`, UNKNOWN]));
}

function rank(file: string): number {
  return file === SEED_FILE ? 1 : 0;
}

/** @throws PlowError where somebody made a VM of that name meanwhile */
async function assertGone(name: string, { hypervisor }: VmContext): Promise<void> {
  using domain = await hypervisor.findDomain(name);
  if (domain === undefined) return;
  throw new PlowError('operation', `there is a VM '${name}' again: its directory is left alone`);
}
