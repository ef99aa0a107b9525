import type { FileHead, FileHeads, FilesIn, HeadBounds } from '../../hypervisor/hypervisor.ts';
import type { Freeable, FunctionName } from '../abi/functions.ts';
import type { Connection } from '../connection/connection.ts';
import type { NativeValue, Pointer } from '../abi/native.ts';
import { LibvirtPool } from './pool.ts';
import type { Call } from '../connection/calls.ts';

/** Streams that are open at once: libvirtd has a thread for each. */
const STREAMS = 64;

type PoolPointer = Pointer<'virStoragePool'>;
type VolumePointer = Pointer<'virStorageVol'>;

interface Place extends FilesIn {
  pool: PoolPointer | undefined;
  lent: boolean;
}

interface Found {
  readonly path: string;
  readonly volume: VolumePointer;
}

/**
 * All of it in batches, which say nothing of why something failed. A file that its pool does not know has the pool read
 * its directory anew, which costs a look into each file there.
 */
export async function fileHeads(
  connection: Connection,
  wanted: readonly FilesIn[],
  { mostBytes, withinMs }: HeadBounds,
): Promise<FileHeads> {
  const silent = await silentOnes(connection, wanted, withinMs);
  const places = wanted
    .filter(({ directory }) => !silent.has(directory))
    .map((place): Place => ({ ...place, pool: undefined, lent: false }));
  const lookups = places.map(({ directory }) => [connection.pointer, directory]);
  const pools = await ask(connection, 'virStoragePool', 'virStoragePoolLookupByTargetPath', lookups);
  for (const [index, place] of places.entries()) place.pool = pools[index];
  const known = await findVolumes(connection, places, new Set());
  await openOrRefresh(connection, places, new Set(known.map(({ path }) => path)));
  const found = [
    ...known,
    ...(await findVolumes(connection, places, new Set(known.map(({ path }) => path)))),
  ];
  const heads = new Map<string, FileHead>();
  for (let start = 0; start < found.length; start += STREAMS) {
    const slice = found.slice(start, start + STREAMS);
    for (const [path, head] of await readHeads(connection, slice, mostBytes)) heads.set(path, head);
  }
  for (const { volume } of found) connection.free(volume);
  const unstopped = await stopLent(connection, places);
  return { heads, silent, unstopped };
}

/**
 * Has libvirtd open a file of each as if it were the image of a saved domain, which takes no lock that anybody waits for: any
 * answer will do, and few are asked at once, since those that hang keep a worker of libvirtd each.
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

async function findVolumes(
  connection: Connection,
  places: readonly Place[],
  known: ReadonlySet<string>,
): Promise<readonly Found[]> {
  const wanted = places.flatMap(({ pool, directory, files }) =>
    pool === undefined
      ? []
      : files
          .map((file) => ({ pool, file, path: pathOf(directory, file) }))
          .filter(({ path }) => !known.has(path)),
  );
  const questions = wanted.map(({ pool, file }) => [pool, file]);
  const volumes = await ask(connection, 'virStorageVol', 'virStorageVolLookupByName', questions);
  return wanted.flatMap(({ path }, index) => {
    const volume = volumes[index];
    return volume === undefined ? [] : [{ path, volume }];
  });
}

function pathOf(directory: string, file: string): string {
  return `${directory === '/' ? '' : directory}/${file}`;
}

async function openOrRefresh(
  connection: Connection,
  places: readonly Place[],
  known: ReadonlySet<string>,
): Promise<void> {
  const stale = places.filter(({ files, directory }) =>
    files.some((file) => !known.has(pathOf(directory, file))),
  );
  const calls = stale.map(({ pool, poolXml }): Call =>
    pool === undefined
      ? ['virStoragePoolCreateXML', connection.pointer, poolXml, 0]
      : ['virStoragePoolRefresh', pool, 0],
  );
  const answers = await connection.callEach('virStoragePoolCreateXML', calls);
  for (const [index, place] of stale.entries()) {
    const answer = answers[index];
    if (place.pool !== undefined || typeof answer !== 'bigint') continue;
    place.pool = connection.adopt('virStoragePool', answer as PoolPointer);
    place.lent = true;
  }
}

async function readHeads(
  connection: Connection,
  found: readonly Found[],
  mostBytes: number,
): Promise<ReadonlyMap<string, FileHead>> {
  const opening = found.map(() => [connection.pointer, 0]);
  const streams = await ask(connection, 'virStream', 'virStreamNew', opening);
  const tied = found.flatMap((file, index) => {
    const stream = streams[index];
    return stream === undefined ? [] : [{ ...file, stream, buffer: new Uint8Array(mostBytes) }];
  });
  const begun = await connection.callEach(
    'virStorageVolDownload',
    tied.flatMap(({ volume, stream }): readonly Call[] => [
      ['virStorageVolDownload', volume, stream, 0, mostBytes, 0],
      ['virStorageVolGetXMLDesc', volume, 0],
    ]),
  );
  const flowing = tied.flatMap((file, index) => {
    const [isOpen, xml] = [begun[2 * index], begun[2 * index + 1]];
    return isOpen === undefined || typeof xml !== 'string' ? [] : [{ ...file, xml }];
  });
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
    flowing.flatMap(({ path, buffer, xml }, index) => {
      const count = counts[index];
      return typeof count === 'number' ? [[path, { bytes: buffer.subarray(0, count), xml }] as const] : [];
    }),
  );
}

/** @returns those that did not stop */
async function stopLent(connection: Connection, places: readonly Place[]): Promise<readonly LibvirtPool[]> {
  const lent = places.flatMap(({ pool, lent: isLent }) => (pool !== undefined && isLent ? [pool] : []));
  const answers = await connection.callBatch(
    'virStoragePoolDestroy',
    lent.map((pool) => [pool]),
  );
  const busy = new Set(lent.filter((_, index) => answers[index] === undefined));
  for (const { pool } of places) if (pool !== undefined && !busy.has(pool)) connection.free(pool);
  return [...busy].map((pool) => new LibvirtPool(connection, pool));
}
