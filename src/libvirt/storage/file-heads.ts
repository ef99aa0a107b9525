import type { FileHead, FileHeads, FilesIn, HeadBounds } from '../../hypervisor/file-heads.ts';
import type { Freeable, FunctionName } from '../abi/functions.ts';
import type { Connection } from '../connection/connection.ts';
import { callLocal } from '../abi/native.ts';
import type { NativeValue, Pointer } from '../abi/native.ts';
import { takeObjectLists } from '../connection/object-list.ts';
import { LibvirtPool } from './pool.ts';
import type { Call } from '../connection/calls.ts';

/** Streams that are open at once: libvirtd has a thread for each. */
const STREAMS = 64;

/** For more files of one pool, reading its directory anew costs less than a stream from each. */
const FEW = 8;

type PoolPointer = Pointer<'virStoragePool'>;
type VolumePointer = Pointer<'virStorageVol'>;

interface Place extends FilesIn {
  pool: PoolPointer | undefined;
  temporary: boolean;
  /** libvirt has just looked into its files. */
  fresh: boolean;
}

interface Found {
  readonly path: string;
  readonly volume: VolumePointer;
  readonly place: Place;
}

interface Documented extends Found {
  readonly xml: string;
}

/**
 * All of it in batches, which say nothing of why something failed. A file that its pool does not know has the
 * pool read its directory anew, which costs a look into each file there.
 */
export async function fileHeads(
  connection: Connection,
  wanted: readonly FilesIn[],
  { mostBytes, withinMs }: HeadBounds,
): Promise<FileHeads> {
  const silent = await silentOnes(connection, wanted, withinMs);
  const places = wanted
    .filter(({ directory }) => !silent.has(directory))
    .map((place): Place => ({ ...place, pool: undefined, temporary: false, fresh: false }));
  const found = await findAll(connection, places);
  const documents = await connection.callBatch(
    'virStorageVolGetXMLDesc',
    found.map(({ volume }) => [volume, 0]),
  );
  const documented = found.flatMap((each, index) => {
    const xml = documents[index];
    return typeof xml === 'string' ? [{ ...each, xml }] : [];
  });
  const heads = new Map<string, FileHead>();
  const doubtful: Documented[] = [];
  for (const each of documented) {
    if (hasToBeRead(each)) doubtful.push(each);
    else heads.set(each.path, { bytes: undefined, xml: each.xml });
  }
  for (let start = 0; start < doubtful.length; start += STREAMS) {
    const slice = doubtful.slice(start, start + STREAMS);
    for (const [path, head] of await readStreams(connection, slice, mostBytes)) heads.set(path, head);
  }
  for (const { volume } of found) connection.free(volume);
  const unstopped = await stopTemporary(connection, places);
  return { heads, silent, unstopped };
}

/**
 * A stream from what is not a file, such as a directory, fails at once, and where its error comes before the
 * answer that opened the stream, libvirt's client takes it for that answer and closes the connection
 * (virNetClientCallCompleteAllWaitingReply).
 */
function hasToBeRead({ xml, place }: Documented): boolean {
  return xml.startsWith("<volume type='file'>") && !(place.fresh && saysWhatIsBelow(xml));
}

/**
 * A raw file has no header that could name another one; a name that libvirt does not understand is no path.
 */
function saysWhatIsBelow(xml: string): boolean {
  const [own = '', below] = xml.split('<backingStore>');
  return below === undefined ? own.includes("<format type='raw'/>") : /^\s*<path>\//u.test(below);
}

async function findAll(connection: Connection, places: readonly Place[]): Promise<readonly Found[]> {
  const lookups = places.map(({ directory }) => [connection.pointer, directory]);
  const pools = await ask(connection, 'virStoragePool', 'virStoragePoolLookupByTargetPath', lookups);
  for (const [index, place] of places.entries()) place.pool = pools[index];
  await openOrRefresh(
    connection,
    places.filter(({ pool, files }) => pool === undefined || files.length > FEW),
  );
  const known = await findVolumes(connection, places);
  const paths = new Set(known.map(({ path }) => path));
  const stale = places.filter(
    ({ fresh, directory, files }) => !fresh && files.some((file) => !paths.has(pathOf(directory, file))),
  );
  await openOrRefresh(connection, stale);
  const again = await findVolumes(connection, stale);
  for (const { path, volume } of again) if (paths.has(path)) connection.free(volume);
  return [...known, ...again.filter(({ path }) => !paths.has(path))];
}

/**
 * Has libvirtd open a file of each as if it were the image of a saved domain, which takes no lock that
 * anybody waits for: any answer will do, and few are asked at once, since those that hang keep a worker of
 * libvirtd each.
 */
async function silentOnes(
  connection: Connection,
  wanted: readonly FilesIn[],
  withinMs: number,
): Promise<ReadonlySet<string>> {
  const questions = wanted.map(({ directory, files }) => ({
    args: [connection.pointer, `${directory}/${files[0] ?? ''}`, 0],
    begun: () => {},
    ended: () => true,
  }));
  if (questions.length === 0) return new Set();
  const answers = await connection.callBatchWithin(withinMs, 'virDomainSaveImageGetXMLDesc', questions);
  return new Set(wanted.flatMap(({ directory }, index) => (answers[index] === true ? [] : [directory])));
}

/** A batch whose answers are objects. */
async function ask<T extends Freeable>(
  connection: Connection,
  type: T,
  name: FunctionName,
  questions: readonly (readonly NativeValue[])[],
): Promise<readonly (Pointer<T> | undefined)[]> {
  const answers = await connection.callBatch(name, questions);
  return answers.map((answer) =>
    typeof answer === 'bigint' ? connection.adopt(type, answer as Pointer<T>) : undefined,
  );
}

/** One call per pool, which names all of its volumes. */
async function findVolumes(connection: Connection, places: readonly Place[]): Promise<readonly Found[]> {
  const open = places.flatMap((place) => (place.pool === undefined ? [] : [{ place, pool: place.pool }]));
  const listed = await takeObjectLists(
    connection,
    'virStorageVol',
    'virStoragePoolListAllVolumes',
    open.map(({ pool }) => pool),
  );
  return open.flatMap(({ place }, index) => {
    const wanted = new Set(place.files);
    return (listed[index] ?? []).flatMap((volume) => {
      const file = callLocal('virStorageVolGetName', volume) as string;
      if (wanted.has(file)) return [{ path: pathOf(place.directory, file), volume, place }];
      connection.free(volume);
      return [];
    });
  });
}

function pathOf(directory: string, file: string): string {
  return `${directory === '/' ? '' : directory}/${file}`;
}

/** Lends pools to the places without one, and has the others read their directory anew. */
async function openOrRefresh(connection: Connection, places: readonly Place[]): Promise<void> {
  const calls = places.map(({ pool, poolXml }): Call =>
    pool === undefined
      ? ['virStoragePoolCreateXML', connection.pointer, poolXml, 0]
      : ['virStoragePoolRefresh', pool, 0],
  );
  const answers = await connection.callEach('virStoragePoolCreateXML', calls);
  for (const [index, place] of places.entries()) {
    const answer = answers[index];
    place.fresh = answer !== undefined;
    if (place.pool !== undefined || typeof answer !== 'bigint') continue;
    place.pool = connection.adopt('virStoragePool', answer as PoolPointer);
    place.temporary = true;
  }
}

async function readStreams(
  connection: Connection,
  files: readonly Documented[],
  mostBytes: number,
): Promise<ReadonlyMap<string, FileHead>> {
  const opening = files.map(() => [connection.pointer, 0]);
  const streams = await ask(connection, 'virStream', 'virStreamNew', opening);
  const tied = files.flatMap((file, index) => {
    const stream = streams[index];
    return stream === undefined ? [] : [{ ...file, stream, buffer: new Uint8Array(mostBytes) }];
  });
  const begun = await connection.callBatch(
    'virStorageVolDownload',
    tied.map(({ volume, stream }) => [volume, stream, 0, mostBytes, 0]),
  );
  const flowing = tied.filter((_, index) => begun[index] !== undefined);
  // A packet holds all of it, so that one answer is the whole.
  const counts = await connection.callBatch(
    'virStreamRecv',
    flowing.map(({ stream, buffer }) => [stream, buffer, buffer.length]),
  );
  await connection.callBatch(
    'virStreamAbort',
    tied.map(({ stream }) => [stream]),
  );
  for (const stream of streams) if (stream !== undefined) connection.free(stream);
  return new Map(
    flowing.flatMap(({ path, xml, buffer }, index) => {
      const count = counts[index];
      return typeof count === 'number' ? [[path, { bytes: buffer.subarray(0, count), xml }] as const] : [];
    }),
  );
}

/** @returns those that did not stop */
async function stopTemporary(
  connection: Connection,
  places: readonly Place[],
): Promise<readonly LibvirtPool[]> {
  const temporary = places.flatMap(({ pool, temporary: isLent }) =>
    pool !== undefined && isLent ? [pool] : [],
  );
  const answers = await connection.callBatch(
    'virStoragePoolDestroy',
    temporary.map((pool) => [pool]),
  );
  const busy = new Set(temporary.filter((_, index) => answers[index] === undefined));
  for (const { pool } of places) if (pool !== undefined && !busy.has(pool)) connection.free(pool);
  return [...busy].map((pool) => new LibvirtPool(connection, pool));
}
