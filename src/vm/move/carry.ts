import { posix } from 'node:path';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool, Volume } from '../../hypervisor/storage.ts';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import { volumeXml } from '../../libvirt-xml/write/storage.ts';
import { bytesText } from '../../text/quantities.ts';
import { IMAGE_MODE, inImageDirectory, isInImageDirectory } from '../image-store/directory.ts';
import { Pace } from '../image-store/pace.ts';
import { stopOwnPool, withFreshPoolOn, withPoolOn } from '../storage/directory-pool.ts';
import { lookAt } from '../storage/find-volume.ts';
import { vmDirectoryAccess } from '../storage/vm-access.ts';
import { isVmPool, makeVmDirectory } from '../storage/vm-directory.ts';
import { areAlike, copyFile } from './copy.ts';
import type { Ends } from './ends.ts';
import { isEmpty } from './leaving.ts';
import type { FileOf, Leaving } from './leaving.ts';

/**
 * That files which seem to be the same on both are so, byte by byte.
 * @returns what is in the way @throws HypervisorError, Interrupted
 */
export async function compareBases(alike: readonly FileOf[], ends: Ends): Promise<readonly string[]> {
  const { from, to, newHasher } = ends;
  const { signal, progress } = from.context;
  const obstacles: string[] = [];
  for (const { path, bytes } of alike) {
    progress.begin(`Comparing ${path} with that on ${to.name}`);
    const pace = new Pace(progress, posix.basename(path), bytes, 'comparing');
    const same = await withVolume(path, from, (one) =>
      withVolume(path, to, (other) => areAlike(one, other, bytes, { newHasher, pace, signal })),
    );
    if (!same) obstacles.push(`${path}, which it needs, has other bytes on ${to.name}`);
  }
  return obstacles;
}

function withVolume<T>(
  path: string,
  { context }: Ends['from'],
  work: (volume: Volume) => Promise<T>,
): Promise<T> {
  const { dir, base } = posix.parse(path);
  return withPoolOn(dir, context, async (pool) => {
    using found = await lookAt(pool, base, context);
    if (found === undefined) throw new PlowError('storage', `${path} has gone away`);
    return await work(found.volume);
  });
}

/** What is told of files that are made, before anything is written to them. */
interface Making {
  /** Paths of those that were made already. */
  readonly made: ReadonlySet<string>;
  readonly isMade: (path: string) => Promise<void>;
}

/**
 * Base images that are not there, each once. One that somebody else has put there meanwhile is left alone.
 * @throws PlowError, HypervisorError, Interrupted
 */
export async function carryBases(bases: readonly FileOf[], making: Making, ends: Ends): Promise<void> {
  const { to } = ends;
  for (const base of bases) {
    const { dir } = posix.parse(base.path);
    const storagePath = posix.dirname(dir);
    const inside = (work: (pool: Pool) => Promise<void>): Promise<void> =>
      isInImageDirectory(dir)
        ? inImageDirectory({ ...to.context, storagePath }, work)
        : withFreshPoolOn(dir, to.context, work);
    await inside((pool) =>
      carry([base], pool, { mode: IMAGE_MODE, making, done: 'Base image copied' }, ends),
    );
  }
}

/**
 * The files of a VM, into a directory of its own.
 * @throws PlowError (storage) where somebody else has made it meanwhile; HypervisorError, Interrupted
 */
export async function carryFiles(
  { name, files, metadata }: Leaving,
  { made, isMade }: Making,
  ends: Ends,
): Promise<void> {
  const { context } = ends.to;
  const { qemuUser } = readCapabilities(await context.hypervisor.capabilities());
  const place = { path: metadata.directory, access: vmDirectoryAccess(qemuUser) };
  const { pool, isNew } = await makeVmDirectory(name, place, context, () => {});
  try {
    if (!made.has(place.path)) {
      if (!isNew && (await pool.volumeNames()).length > 0)
        throw new PlowError('storage', `somebody else has made ${place.path} on ${ends.to.name} meanwhile`);
      await isMade(place.path);
    }
    await carry(files, pool, { done: 'Files copied' }, ends);
  } finally {
    // Also one that a move before this one has left.
    if (isVmPool(pool.name, name)) await stopOwnPool(pool);
    pool[Symbol.dispose]();
  }
}

/** UEFI variables where libvirt keeps them. @throws PlowError, HypervisorError, Interrupted */
export async function carryNvram({ nvram }: Leaving, ends: Ends): Promise<void> {
  if (nvram === undefined) return;
  const { context } = ends.to;
  await withFreshPoolOn(posix.dirname(nvram.path), context, (pool) =>
    carry([nvram], pool, { done: 'UEFI variables copied' }, ends),
  );
}

interface How {
  readonly mode?: number;
  /** Undefined: in a directory of the VM's own, where all that is there is. */
  readonly making?: Making;
  /** What is said then. */
  readonly done: string;
}

/** Files of one directory. */
async function carry(
  files: readonly FileOf[],
  pool: Pool,
  { mode, making, done }: How,
  { from, to, newHasher }: Ends,
): Promise<void> {
  const { signal, progress } = from.context;
  let sent = 0;
  const begun = performance.now();
  for (const { path, bytes } of files) {
    const file = posix.basename(path);
    progress.begin(`Copying ${path} to ${to.name}`);
    const pace = new Pace(progress, file, bytes, 'copying');
    using known = await leftThere(pool, { path, bytes }, making);
    const described = { name: file, format: 'raw', capacityBytes: bytes } as const;
    using made =
      known === undefined
        ? await pool.createVolume(volumeXml(mode === undefined ? described : { ...described, mode }))
        : undefined;
    const target = known ?? made;
    if (target === undefined) throw new Error('a file is there, or was made');
    if (making?.made.has(path) === false) await making.isMade(path);
    await withVolume(path, from, (source) =>
      copyFile({ path, source, target, bytes, isFresh: made !== undefined }, { newHasher, pace, signal }),
    );
    sent += pace.sentBytes;
  }
  progress.done(`${done} (${bytesText(sent)})`, performance.now() - begun);
}

/** What a move before this one has left; of a file that was longer then nothing can be used. */
async function leftThere(
  pool: Pool,
  { path, bytes }: Pick<FileOf, 'path' | 'bytes'>,
  making: Making | undefined,
): Promise<Volume | undefined> {
  const known = await pool.findVolume(posix.basename(path));
  if (known === undefined) return undefined;
  const facts = readVolume(await known.xml());
  const { fileBytes = 0 } = facts;
  const isOurs = making === undefined || making.made.has(path);
  if (!isOurs && !isEmpty(facts, bytes)) {
    known[Symbol.dispose]();
    throw new PlowError('storage', `somebody else has put ${path} there meanwhile`, {
      hint: 'the same command compares the two',
    });
  }
  if (fileBytes <= bytes) return known;
  await known.delete();
  known[Symbol.dispose]();
  return undefined;
}
