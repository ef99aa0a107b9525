import { posix } from 'node:path';
import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import { poolXml } from '../../libvirt-xml/write/storage.ts';
import type { VmContext } from '../context.ts';
import { fewAtOnce } from '../few-at-once.ts';
import type { FileHead } from '../../hypervisor/file-heads.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { LocalEntry, LocalFacts } from '../../hypervisor/local.ts';
import { pathsNamed, readImageLinks, spellings } from '../image-format/links.ts';
import { refreshed, stopTemporaryPool, withLookOn } from '../storage/directory-pool.ts';
import { TEMPORARY_POOL_PREFIX } from '../storage/find-pool.ts';

/** A file that a disk image stands on. */
export interface Below {
  readonly path: string;
  /** Nothing can be below it. */
  readonly isRaw: boolean;
}

export interface SeenDisk {
  readonly below: readonly Below[];
  /** The same under every name of one file; undefined where that is not known. */
  readonly mark: string | undefined;
}

/** What there is to see of a disk, or why it could not be looked at. */
export type Look = SeenDisk | 'missing' | { readonly why: string };

/** An image names others in its first few hundred bytes, unless somebody wrote it by hand. */
const HEAD_BYTES = 4096;
/** The first cluster of the usual size, in which all names are. */
const LONG_HEAD_BYTES = 65_536;

/** For directories that answer, and for each of them. */
const PATIENCE_MS = 2000;
const PATIENCE_EACH_MS = 50;

/** Why nothing is known of what lies on a server that is gone. */
export const SILENT = { why: 'no answer from its directory' };
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/**
 * What disk images name in their first bytes: through the files where this machine is the hypervisor, else,
 * and for those that may not be read, through pools. Those that take too long are left alone.
 * @param local undefined where all are to be looked at through pools, which alone tell marks
 * @throws HypervisorError where the connection broke
 */
export async function lookAtDisks(
  paths: readonly string[],
  context: VmContext,
  local: LocalFacts | undefined,
): Promise<ReadonlyMap<string, Look>> {
  const looks = new Map<string, Look>(await lookHere(paths, context.hypervisor, local));
  const rest = paths.filter((path) => !looks.has(path));
  for (const looked of [
    await lookAtDevices(rest.filter(isDevice), context),
    await lookThroughPools(
      rest.filter((path) => !isDevice(path)),
      context,
    ),
  ]) {
    for (const [path, look] of looked) looks.set(path, look);
  }
  return looks;
}

function isDevice(path: string): boolean {
  return path.startsWith('/dev/');
}

async function lookHere(
  paths: readonly string[],
  hypervisor: Hypervisor,
  local: LocalFacts | undefined,
): Promise<readonly (readonly [string, Look])[]> {
  if (local === undefined) return [];
  const entries = await fewAtOnce(hypervisor, paths, (path) => local.look(path));
  return paths.flatMap((path) => {
    const look = judgeEntry(path, entries.get(path));
    return look === undefined ? [] : [[path, look] as const];
  });
}

/** Undefined for what libvirt may see better: it may read all files. */
function judgeEntry(path: string, entry: LocalEntry | string | undefined): Look | undefined {
  if (entry === undefined) return SILENT;
  if (typeof entry === 'string') return GONE.has(entry) ? 'missing' : undefined;
  return seen(path, entry.head, undefined);
}

/** Undefined where the head is too short. */
function seen(path: string, head: Uint8Array, mark: string | undefined): Look | undefined {
  const links = readImageLinks(head);
  if (links === undefined) return undefined;
  const { backing, backingFormat, dataFile } = links;
  const named = [
    ...(backing === undefined ? [] : [{ name: backing, isRaw: backingFormat === 'raw' }]),
    ...(dataFile === undefined ? [] : [{ name: dataFile, isRaw: true }]),
  ].map(({ name, isRaw }) => pathsNamed(name, path)?.map((below): Below => ({ path: below, isRaw })));
  if (named.includes(undefined)) return { why: 'it names its backing file in an unknown way' };
  return { below: named.flatMap((below) => below ?? []), mark };
}

/** Pools of directories do not show them. */
async function lookAtDevices(
  paths: readonly string[],
  { hypervisor }: VmContext,
): Promise<readonly (readonly [string, Look])[]> {
  if (paths.length === 0) return [];
  const documents = await hypervisor.volumeDocuments(paths);
  return paths.map((path) => {
    const document = documents.get(path);
    if (document === undefined) return [path, { why: 'a device in no active pool' }];
    return [path, { below: belowOf(readVolume(document)), mark: undefined }];
  });
}

/** As libvirt has read it in the file. */
function belowOf({ backingPath }: VolumeFacts): readonly Below[] {
  return backingPath === undefined ? [] : spellings(backingPath).map((path) => ({ path, isRaw: false }));
}

async function lookThroughPools(
  paths: readonly string[],
  context: VmContext,
): Promise<readonly (readonly [string, Look])[]> {
  if (paths.length === 0) return [];
  const { hypervisor, newUuid } = context;
  const directories = [...new Set(paths.map((path) => posix.dirname(path)))];
  const files = new Map(directories.map((directory): [string, string[]] => [directory, []]));
  for (const path of paths) files.get(posix.dirname(path))?.push(posix.basename(path));
  const wanted = [...files].map(([directory, inside]) => {
    const uuid = newUuid();
    return {
      directory,
      files: inside,
      poolXml: poolXml({ name: `${TEMPORARY_POOL_PREFIX}${uuid}`, uuid, path: directory }),
    };
  });
  const { heads, silent, unstopped } = await hypervisor.fileHeads(wanted, {
    mostBytes: HEAD_BYTES,
    withinMs: PATIENCE_MS + PATIENCE_EACH_MS * wanted.length,
  });
  for (const pool of unstopped) {
    await stopTemporaryPool(pool, context);
    pool[Symbol.dispose]();
  }
  const looks = directories.map((directory) =>
    lookInOne(directory, files.get(directory) ?? [], async (path) =>
      silent.has(directory) ? SILENT : (judgeHead(path, heads.get(path)) ?? (await lookAlone(path, context))),
    ),
  );
  return (await Promise.all(looks)).flat();
}

/** One after the other: each has the one pool that a directory can have. */
async function lookInOne(
  directory: string,
  files: readonly string[],
  look: (path: string) => Promise<Look>,
): Promise<readonly (readonly [string, Look])[]> {
  const looks: (readonly [string, Look])[] = [];
  for (const file of files) {
    const path = `${directory === '/' ? '' : directory}/${file}`;
    looks.push([path, await look(path)]);
  }
  return looks;
}

function judgeHead(path: string, head: FileHead | undefined): Look | undefined {
  if (head === undefined) return undefined;
  const facts = readVolume(head.xml);
  if (head.bytes !== undefined) return seen(path, head.bytes, facts.mark);
  return { below: belowOf(facts), mark: facts.mark };
}

/**
 * Of one that could not be had with the others: a stopped pool may be on its directory, or its image is an
 * odd one.
 */
async function lookAlone(path: string, context: VmContext): Promise<Look> {
  // libvirt does not show such names.
  if (/\p{Cc}/u.test(path)) return { why: 'there is a control character in its name' };
  try {
    return await withLookOn(posix.dirname(path), context, async (pool, isFresh) => {
      const isNew = isFresh || (await refreshed(pool));
      using volume = await pool.findVolume(posix.basename(path));
      if (volume === undefined) return isNew ? 'missing' : { why: `pool ${pool.name} is busy` };
      const { type, mark } = readVolume(await volume.xml());
      if (type !== 'file') return { below: [], mark };
      const head = await volume.head(LONG_HEAD_BYTES);
      return seen(path, head, mark) ?? { why: 'its header points behind its first 64 KiB' };
    });
  } catch (error) {
    if (isReason(error, 'no-such-file') || isReason(error, 'not-a-directory')) return 'missing';
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    return { why: error.message };
  }
}
