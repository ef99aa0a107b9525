import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReason } from '../../errors/hypervisor-error.ts';
import { Interrupted } from '../../errors/interrupted.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool, Volume } from '../../hypervisor/storage.ts';
import { readPool } from '../../libvirt-xml/read/storage.ts';
import { volumeXml } from '../../libvirt-xml/write/storage.ts';
import { bytesText, durationText } from '../../text/quantities.ts';
import type { VmContext } from '../context.ts';
import { explain } from '../failure.ts';
import { PoolView } from '../host/pool-directories.ts';
import { withFreshPoolOn } from '../storage/directory-pool.ts';
import type { Hasher } from '../image-store/bytes.ts';
import { assertNotForeign, lookIn } from './look.ts';
import type { Found, WantedImage } from './look.ts';
import { Pace } from '../image-store/pace.ts';
import { IMAGE_MODE, imageDirectory, inImageDirectory } from '../image-store/directory.ts';
import { resumesAt } from './plan.ts';
import { writeRecord } from './record.ts';
import { all, bytesToSend, isStillOurs, sendBody, WINDOW_BYTES } from './send.ts';
import type { Sending } from './send.ts';

/** Another plow that has sent nothing for so long was killed, or is cut off. */
const QUIET_MS = 5000;
const PAUSE_MS = 500;

/**
 * Brings an image of this machine to the hypervisor, unless it is there. What was sent before by a plow that
 * was interrupted is gone on with.
 * @returns its path there
 * @throws PlowError, Interrupted
 */
export async function bringImage(
  wanted: WantedImage,
  newHasher: () => Hasher,
  context: VmContext,
): Promise<string> {
  const upload = new Upload(wanted, newHasher, context);
  try {
    return await upload.run();
  } catch (error) {
    throw await upload.failed(error);
  }
}

class Upload {
  readonly #sending: Sending;
  readonly #context: VmContext;
  readonly #directory: string;
  readonly #begun = performance.now();
  /** Of the volume that it has begun to write to. */
  #name: string | undefined;

  constructor(wanted: WantedImage, newHasher: () => Hasher, context: VmContext) {
    const { newUuid, progress, signal, storagePath } = context;
    const pace = new Pace(progress, posix.basename(wanted.file.path), wanted.print.bytes);
    this.#sending = { ...wanted, newHasher, token: newUuid(), pace, signal };
    this.#context = context;
    this.#directory = imageDirectory(storagePath);
  }

  async run(): Promise<string> {
    const { file, pace } = this.#sending;
    this.#context.progress.begin(`Bringing ${file.path} to the hypervisor`);
    const name = await inImageDirectory(this.#context, (pool) => this.#send(pool));
    const path = posix.join(this.#directory, name);
    const took = durationText((performance.now() - this.#begun) / 1000);
    this.#context.progress.done(`Image brought to ${path} (${bytesText(pace.sentBytes)} in ${took})`);
    return path;
  }

  /** What is to be thrown. Of little, and of what cannot be gone on with, nothing stays. */
  async failed(error: unknown): Promise<unknown> {
    const { file } = this.#sending;
    const isFull = isReason(error, 'no-space');
    const isOver = isFull || error instanceof PlowError;
    const left = isReason(error, 'disconnected') ? undefined : await this.#tidied(isOver);
    if (error instanceof Interrupted) return error.with(left ?? 'nothing of the image was left there');
    const message = `cannot bring ${file.path} to ${this.#directory}`;
    return explain(error, 'storage', message, left);
  }

  /** As #tidy; the first error is the one to tell. */
  async #tidied(isOver: boolean): Promise<string | undefined> {
    try {
      return await this.#tidy(isOver);
    } catch {
      return 'a part of it may be left there: plow gc shows it';
    }
  }

  /** @returns what is left there, in words */
  async #tidy(isOver: boolean): Promise<string | undefined> {
    const name = this.#name;
    if (name === undefined) return undefined;
    return withFreshPoolOn(this.#directory, this.#context, async (pool) => {
      using volume = await pool.findVolume(name);
      if (volume === undefined || !(await isStillOurs(volume, this.#sending))) return undefined;
      const found = await this.#lookIn(pool);
      const there = found.state === 'partial' ? found.fileBytes : 0;
      if (isOver || there < WINDOW_BYTES) {
        await volume.delete();
        return undefined;
      }
      const percent = Math.floor((100 * there) / this.#sending.print.bytes);
      return `${percent}% of the image is there, and the same command goes on with it (plow gc shows it)`;
    });
  }

  async #lookIn(pool: Pool): Promise<Found> {
    using view = new PoolView(pool, this.#context);
    return await lookIn(this.#sending, view);
  }

  /** @returns its name once it is there @throws HypervisorError, PlowError, Interrupted */
  async #send(pool: Pool): Promise<string> {
    for (;;) {
      this.#sending.signal.throwIfAborted();
      const found = await this.#lookIn(pool);
      const { name } = found;
      if (found.state === 'complete') return name;
      assertNotForeign(found, this.#sending, this.#directory);
      if (await this.#isOthers(found, pool)) continue;
      const from = resumesAt(found);
      await this.#assertRoom(from, pool);
      const opened = found.state === 'absent' ? await this.#make(name, pool) : await pool.findVolume(name);
      if (opened === undefined) continue;
      using volume = opened;
      this.#name = name;
      await this.#take(found, volume);
      if (!(await sendBody(volume, from, this.#sending))) continue;
      await volume.write(0, this.#sending.print.head.length, all(this.#sending.print.head));
    }
  }

  /** Undefined where another plow has made it just now. */
  async #make(name: string, pool: Pool): Promise<Volume | undefined> {
    try {
      return await pool.createVolume(volumeXml({ name, format: 'raw', capacityBytes: 0, mode: IMAGE_MODE }));
    } catch (error) {
      if (isReason(error, 'already-exists')) return undefined;
      throw error;
    }
  }

  /** Says in the volume who sends it from now on. */
  async #take(found: Found, volume: Volume): Promise<void> {
    const { print, token } = this.#sending;
    if (found.state === 'partial' && found.record?.token === token) return;
    const record = writeRecord({ digest: print.digest, bytes: print.bytes, token });
    await volume.write(0, record.length, all(record));
  }

  /** Waits as long as another plow sends it. @returns true where it has come further @throws as #send */
  async #isOthers(found: Found, pool: Pool): Promise<boolean> {
    const { token, print, file, signal } = this.#sending;
    if (found.state !== 'partial' || found.record?.token === token) return false;
    const begun = performance.now();
    while (performance.now() - begun < QUIET_MS) {
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
      const now = await this.#lookIn(pool);
      if (now.state !== 'partial') return true;
      if (now.mark === found.mark) continue;
      this.#context.progress.transfer(
        `${posix.basename(file.path)} (another plow sends it)`,
        now.fileBytes,
        print.bytes,
      );
      return true;
    }
    return false;
  }

  async #assertRoom(from: number, pool: Pool): Promise<void> {
    const { availableBytes } = readPool(await pool.xml());
    const needed = bytesToSend(this.#sending.print, from);
    if (availableBytes === undefined || availableBytes >= needed) return;
    throw new PlowError(
      'storage',
      `the file system of ${this.#directory} has ${bytesText(availableBytes)} free, and ${this.#sending.file.path} takes ${bytesText(needed)}: free some, or give another with --storage-path`,
    );
  }
}
