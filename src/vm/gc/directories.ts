import { posix } from 'node:path';
import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import {
  CONSOLE_LOG_FILE,
  CONSOLE_LOG_PARTS,
  isDataDiskFile,
  isDiskFile,
  isIgnitionFile,
  isProvisioningFile,
  isSeedFile,
  isSnapshotFile,
  vmDirectory,
} from '../../config/vm-paths.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { agoText } from '../../text/quantities.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { LINK, ofForeignPool, UNKNOWN } from '../destroy/storage.ts';
import { unusedAmong } from '../ownership/remove-unused.ts';
import { withFreshLookOn } from '../storage/directory-pool.ts';
import { findAnyPoolByPath, OWN_POOL_PREFIX } from '../storage/find-pool.ts';
import { openVmDirectory } from '../storage/open-vm-directory.ts';
import type { OpenDirectory } from '../storage/open-vm-directory.ts';
import { removeVolume } from '../storage/remove-file.ts';
import { NOTHING_LEFT } from './garbage.ts';
import type { Fate, Garbage, Left } from './garbage.ts';
import { madeFor, MOST_SEED_BYTES } from './seed-proof.ts';

/** No domain has it: all of them count as users of a file. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Whether a file in the directory of a VM is called as plow calls its own. */
function isMachineFile(file: string): boolean {
  return (
    isDiskFile(file) ||
    isProvisioningFile(file) ||
    file === CONSOLE_LOG_FILE ||
    CONSOLE_LOG_PARTS.includes(file) ||
    isSnapshotFile(file)
  );
}

/** Names in the storage path. @throws HypervisorError */
export async function namesBelow(context: VmContext): Promise<readonly string[]> {
  const { hypervisor, makesStoragePath, storagePath } = context;
  // The default one of a session, which the first create makes.
  if (makesStoragePath === true && (await hypervisor.local?.look(storagePath)) === 'ENOENT') return [];
  return withFreshLookOn(storagePath, context, (pool) => pool.volumeNames());
}

/**
 * Directories of VMs that are gone: those with files that are called as plow's, and no VM of that name.
 * @param names in the storage path, listed before the VMs were
 * @param vms names of all domains
 * @param doubts why they may be needed even so
 * @throws PlowError, HypervisorError
 */
export async function findDirectories(
  names: readonly string[],
  vms: ReadonlySet<string>,
  doubts: Doubts,
  context: VmContext,
): Promise<readonly Garbage[]> {
  const found: Garbage[] = [];
  for (const name of names.toSorted()) {
    context.signal.throwIfAborted();
    if (vms.has(name)) continue;
    const path = vmDirectory(context.storagePath, name);
    if (await isElsewhere(path, context)) continue;
    const seen = await lookInto(name, context);
    if (seen === undefined) continue;
    found.push({
      kind: 'directory',
      what: path,
      bytes: typeof seen === 'string' ? undefined : seen.bytes,
      why: `there is no VM '${name}'`,
      fate: typeof seen === 'string' ? { stays: seen } : await fateOf(name, seen, doubts, context),
    });
  }
  return found;
}

/** Why a directory may be needed though nothing here says so. */
interface Doubts {
  /** Why others than this hypervisor may have VMs in a directory. */
  readonly whyShared: (path: string) => Promise<string | undefined>;
  /** How long nobody may have touched them. */
  readonly restMs: number;
}

interface SeenDirectory {
  /** Files that are called as plow's. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** When one of them was changed last, or came here, in seconds since 1970; undefined where not known. */
  readonly touchedAt: number | undefined;
  /** The VM that its seed was made for. */
  readonly madeFor: string | undefined;
}

/** Whether it is seen from here that a link stands there: what is behind it is none of gc's business. */
async function isElsewhere(path: string, { hypervisor, storagePath }: VmContext): Promise<boolean> {
  if (hypervisor.local === undefined) return false;
  const above = await hypervisor.realPath(storagePath);
  const real = await hypervisor.realPath(path);
  return above !== undefined && real !== undefined && posix.dirname(real) !== above;
}

/**
 * Undefined for what is no directory, or has nothing in it that is called as plow's. @returns why it cannot
 * be looked into, where that is so
 */
async function lookInto(name: string, context: VmContext): Promise<SeenDirectory | string | undefined> {
  try {
    return await withFreshLookOn(vmDirectory(context.storagePath, name), context, async (pool) => {
      const files = (await pool.volumeNames()).filter(isMachineFile);
      if (files.length === 0) return undefined;
      return { files, ...(await factsOf(files, pool)), madeFor: await proofIn(pool) };
    });
  } catch (error) {
    if (isReason(error, 'not-a-directory') || isReason(error, 'no-such-file')) return undefined;
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    return `it cannot be looked into: ${error.message}`;
  }
}

async function factsOf(
  files: readonly string[],
  pool: Pool,
): Promise<Pick<SeenDirectory, 'bytes' | 'touchedAt'>> {
  let bytes = 0;
  const times: (number | undefined)[] = [];
  for (const file of files) {
    using volume = await pool.findVolume(file);
    if (volume === undefined) continue;
    const facts = readVolume(await volume.xml());
    bytes += facts.allocationBytes;
    times.push(lastTouch(facts));
  }
  const known = times.filter((time) => time !== undefined);
  return { bytes, touchedAt: known.length < times.length ? undefined : Math.max(...known) };
}

/** A file that was copied or moved here with its times kept has been changed just now. */
export function lastTouch({ writtenAt, changedAt }: VolumeFacts): number | undefined {
  return writtenAt === undefined || changedAt === undefined ? undefined : Math.max(writtenAt, changedAt);
}

/** Undefined for what nobody has touched for that long. */
export function whyYoung(
  touchedAt: number | undefined,
  restMs: number,
  { now }: VmContext,
): string | undefined {
  const ageMs = now().getTime() - 1000 * (touchedAt ?? Infinity);
  if (restMs === 0 || ageMs >= restMs) return undefined;
  return `it was touched ${agoText(ageMs)}: --older-than says how long that may be ago`;
}

/** A seed that came anew has one beside it for a moment. */
async function proofIn(pool: Pool): Promise<string | undefined> {
  const owners: (string | undefined)[] = [];
  for (const file of (await pool.volumeNames()).filter(isSeedFile)) owners.push(await proofOf(file, pool));
  return owners.every((owner) => owner === owners[0]) ? owners[0] : undefined;
}

async function proofOf(file: string, pool: Pool): Promise<string | undefined> {
  using seed = await pool.findVolume(file);
  // The error of a stream from anything but a file may break the connection.
  if (seed === undefined || readVolume(await seed.xml()).type !== 'file') return undefined;
  const bytes = await seed.download(MOST_SEED_BYTES);
  return bytes === undefined ? undefined : madeFor(bytes);
}

async function fateOf(
  name: string,
  { files, touchedAt, madeFor: owner }: SeenDirectory,
  { whyShared, restMs }: Doubts,
  context: VmContext,
): Promise<Fate> {
  const path = vmDirectory(context.storagePath, name);
  const paths = files.map((file) => `${path}/${file}`);
  const { left } = await unusedAmong(NOBODY, paths, context);
  const [used] = left;
  if (used !== undefined) return { stays: `${posix.basename(used[0])}: ${used[1]}` };
  if (owner === undefined && files.every(isDataDiskFile)) return { stays: keptData(name, path) };
  if (owner !== name) {
    const why = owner === undefined ? unproved(files) : `its seed was made for VM '${owner}'`;
    return { stays: `${why}: rm -r ${shellQuote(path)} if nobody needs it` };
  }
  const shared = await whyShared(path);
  if (shared !== undefined) return { stays: shared };
  const young = whyYoung(touchedAt, restMs, context);
  if (young !== undefined) return { stays: young };
  return { remove: () => removeDirectory(name, restMs, context) };
}

/** Nothing in a config of Ignition says for which VM it was made, or by whom. */
function unproved(files: readonly string[]): string {
  const config = files.find(isIgnitionFile);
  return config !== undefined
    ? `${config} in it does not prove, as a seed would, that plow made it for that VM`
    : `no seed of plow's in it proves that plow made it`;
}

/** What `plow destroy --keep-data` leaves. */
function keptData(name: string, path: string): string {
  return `there may be data on its disks: plow create --adopt-data takes them back for a VM '${name}', rm -r ${shellQuote(path)} removes them`;
}

/** The seed goes last: a gc that was killed half way has its proof still. */
async function removeDirectory(name: string, restMs: number, context: VmContext): Promise<Left> {
  const path = vmDirectory(context.storagePath, name);
  await assertGone(name, context);
  // To open it would start a stopped one of somebody else.
  using there = await findAnyPoolByPath(context.hypervisor, path);
  if (there?.name.startsWith(OWN_POOL_PREFIX) === false) return new Map([[path, ofForeignPool(there.name)]]);
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
    left = await empty(name, open, restMs, context);
  } catch (error) {
    await open.close(false).catch(() => undefined);
    throw error;
  }
  await open.close(left.size === 0);
  return left;
}

async function empty(
  name: string,
  { pool }: OpenDirectory,
  restMs: number,
  context: VmContext,
): Promise<Left> {
  const path = vmDirectory(context.storagePath, name);
  const names = await pool.volumeNames();
  if ((await proofIn(pool)) !== name) return new Map([[path, 'its seed is another one by now']]);
  const own = names.filter(isMachineFile).toSorted((one, other) => rank(one) - rank(other));
  const { touchedAt } = await factsOf(own, pool);
  const young = whyYoung(touchedAt, restMs, context);
  if (young !== undefined) return new Map([[path, young]]);
  const paths = own.map((file) => `${path}/${file}`);
  const { left } = await unusedAmong(NOBODY, paths, context);
  const [used] = left;
  if (used !== undefined) return new Map([[path, `${posix.basename(used[0])}: ${used[1]}`]]);
  for (const file of own) {
    context.signal.throwIfAborted();
    await assertGone(name, context);
    await removeVolume(pool, file, context, () => assertGone(name, context));
  }
  const foreign = names.filter((file) => !own.includes(file));
  return new Map(foreign.map((file) => [`${path}/${file}`, UNKNOWN]));
}

function rank(file: string): number {
  return isSeedFile(file) ? 1 : 0;
}

/** @throws PlowError where somebody made a VM of that name meanwhile */
export async function assertGone(name: string, { hypervisor }: VmContext): Promise<void> {
  using domain = await hypervisor.findDomain(name);
  if (domain === undefined) return;
  throw new PlowError('operation', `there is a VM '${name}' again: its directory is left alone`);
}
