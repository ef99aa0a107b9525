import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { readVolume } from '../../libvirt-xml/read/storage.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import { volumeXml } from '../../libvirt-xml/write/storage.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { withFreshPoolOn } from '../storage/directory-pool.ts';
import { IMAGE_MODE, imageDirectory, inImageDirectory } from './directory.ts';
import { fileOfRecord, readRecord, RECORD_BYTES, recordName, writeRecord } from './record.ts';
import type { ImageRecord } from './record.ts';

/** What is read of an image at a time. */
const PART_BYTES = 8 * 2 ** 20;

/** An image that was pulled, or is being. */
export interface StoredImage {
  readonly file: string;
  readonly record: ImageRecord;
}

/** What is in the directory of images. */
export interface Everything {
  readonly images: readonly StoredImage[];
  /** Files beside them that no record is about, such as those that `create --upload` has brought. */
  readonly others: readonly { readonly file: string; readonly facts: VolumeFacts }[];
}

/** Where images of a hypervisor are that were pulled. */
export class ImageStore {
  readonly directory: string;
  readonly #context: VmContext;

  constructor(context: VmContext) {
    this.directory = imageDirectory(context.storagePath);
    this.#context = context;
  }

  pathOf(file: string): string {
    return posix.join(this.directory, file);
  }

  /** Runs `work` with the directory, which is made where it is missing. @throws HypervisorError, PlowError */
  inside<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    return inImageDirectory(this.#context, work);
  }

  /** The bytes of an image, part by part. @param cannot in words @throws PlowError, Interrupted */
  async *parts(file: string, cannot: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    for (let at = 0; ;) {
      signal.throwIfAborted();
      const reading = this.inside(async (pool) => {
        using volume = await pool.findVolume(file);
        if (volume === undefined) throw new PlowError('storage', `${this.pathOf(file)} has gone away`);
        return volume.part(at, PART_BYTES);
      });
      const part = await explaining(reading, 'storage', cannot);
      if (part.length > 0) yield part;
      at += part.length;
      if (part.length < PART_BYTES) return;
    }
  }

  /** All that have a record that can be read. @throws HypervisorError */
  all(): Promise<readonly StoredImage[]> {
    return this.#look([], (pool) => this.#recorded(pool));
  }

  /** With the files that have none. @throws HypervisorError */
  everything(): Promise<Everything> {
    return this.#look({ images: [], others: [] }, async (pool) => {
      const images = await this.#recorded(pool);
      return { images, others: await this.#unrecorded(pool, new Set(images.map(({ file }) => file))) };
    });
  }

  async #look<T>(nothing: T, work: (pool: Pool) => Promise<T>): Promise<T> {
    try {
      return await withFreshPoolOn(this.directory, this.#context, work);
    } catch (error) {
      if (isReason(error, 'no-such-file')) return nothing;
      throw error;
    }
  }

  async #unrecorded(pool: Pool, known: ReadonlySet<string>): Promise<Everything['others']> {
    const found: { file: string; facts: VolumeFacts }[] = [];
    for (const file of (await pool.volumeNames()).toSorted()) {
      if (known.has(file) || fileOfRecord(file) !== undefined) continue;
      using volume = await pool.findVolume(file);
      const facts = volume && readVolume(await volume.xml());
      if (facts?.type === 'file') found.push({ file, facts });
    }
    return found;
  }

  async #recorded(pool: Pool): Promise<readonly StoredImage[]> {
    const found: StoredImage[] = [];
    const names = new Set(await pool.volumeNames());
    for (const name of names) {
      const file = fileOfRecord(name);
      const record = file === undefined ? undefined : await recordIn(pool, file);
      if (file !== undefined && record !== undefined && names.has(file)) found.push({ file, record });
    }
    return found;
  }
}

/** The record of a file; undefined where it has none that can be read. @throws HypervisorError */
export async function recordIn(pool: Pool, file: string): Promise<ImageRecord | undefined> {
  using volume = await pool.findVolume(recordName(file));
  return volume && readRecord(await volume.head(RECORD_BYTES));
}

/** Writes the record of a file over the one that it has. @throws HypervisorError */
export function keepRecord(pool: Pool, file: string, record: ImageRecord): Promise<void> {
  return writeOver(pool, file, writeRecord(record));
}

/**
 * Takes a name: libvirt lets one volume have it. A file that was there before is never the record's own.
 * @returns false where somebody else has it
 * @throws HypervisorError
 */
export async function takeName(pool: Pool, file: string, record: ImageRecord): Promise<boolean> {
  const bytes = writeRecord({ ...record, isMade: false });
  if (!(await madeVolume(pool, recordName(file)))) return false;
  try {
    await writeOver(pool, file, bytes);
    if (await madeVolume(pool, file)) {
      await keepRecord(pool, file, record);
      return true;
    }
  } catch (error) {
    await removeFile(pool, recordName(file)).catch(() => undefined);
    throw error;
  }
  await removeFile(pool, recordName(file));
  return false;
}

/** @returns false where there is one */
async function madeVolume(pool: Pool, name: string): Promise<boolean> {
  try {
    (await pool.createVolume(documentOf(name)))[Symbol.dispose]();
    return true;
  } catch (error) {
    if (isReason(error, 'already-exists')) return false;
    throw error;
  }
}

async function writeOver(pool: Pool, file: string, record: Uint8Array): Promise<void> {
  using volume = await pool.findVolume(recordName(file));
  if (volume === undefined) throw new Error(`${file} has no record`);
  await volume.upload(record);
}

function documentOf(name: string): string {
  return volumeXml({ name, format: 'raw', capacityBytes: 0, mode: IMAGE_MODE });
}

/** A file as it is. */
export interface SeenFile {
  /** When somebody wrote to it last, in milliseconds since 1970. */
  readonly writtenMs: number;
  readonly isEmpty: boolean;
}

/** Undefined where it is not there. @throws HypervisorError */
export async function lookAtFile(pool: Pool, name: string): Promise<SeenFile | undefined> {
  using volume = await pool.findVolume(name);
  if (volume === undefined) return undefined;
  const { writtenAt = Infinity, fileBytes, capacityBytes } = readVolume(await volume.xml());
  // libvirt does not tell how long an empty one is.
  return { writtenMs: writtenAt * 1000, isEmpty: (fileBytes ?? capacityBytes) === 0 };
}

/** The first bytes of a file, as many as are kept back until all others are there. @throws HypervisorError */
export async function headOfFile(pool: Pool, file: string, bytes: number): Promise<Uint8Array> {
  using volume = await pool.findVolume(file);
  return (await volume?.head(bytes)) ?? new Uint8Array();
}

/** What is gone already is as good. @throws HypervisorError */
export async function removeFile(pool: Pool, name: string): Promise<void> {
  try {
    using volume = await pool.findVolume(name);
    await volume?.delete();
  } catch (error) {
    if (!isReason(error, 'not-found') && !isReason(error, 'no-such-file')) throw error;
  }
}
