import { shownUrl } from '../../text/shown-url.ts';
import { isReason } from '../../errors/hypervisor-error.ts';
import { Interrupted } from '../../errors/interrupted.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { DiskFormat } from '../../config/machine.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { readPool, readVolume } from '../../libvirt-xml/read/storage.ts';
import { bytesText, durationText } from '../../text/quantities.ts';
import type { VmContext } from '../context.ts';
import { explain } from '../failure.ts';
import { judgeHead } from '../image-format/head.ts';
import { readQcow2Header } from '../image-format/qcow2-header.ts';
import { Pace } from '../image-store/pace.ts';
import { areSame } from '../image-store/bytes.ts';
import { Body } from './body.ts';
import { Meter } from './meter.ts';
import { recordName } from '../image-store/record.ts';
import type { ImageRecord } from '../image-store/record.ts';
import { headOfFile, ImageStore, keepRecord, recordIn, removeFile } from '../image-store/store.ts';
import { takeFile } from './take-file.ts';
import { isSameImage, versionOf, whatGives, wordsOf } from './wanted.ts';
import type { Download, PullTools, Verification, WantedImage } from './wanted.ts';

/** How much is sent before it is looked whether the file is this plow's still. */
const WINDOW_BYTES = 64 * 2 ** 20;
/** Whatever a publisher says: more than any image of a distribution. */
const MOST_BYTES = 64 * 2 ** 30;

/** What came of it. */
export interface Pulled {
  readonly status: 'pulled' | 'exists';
  readonly path: string;
  readonly record: ImageRecord;
}

/**
 * Brings an image from the web to the hypervisor: through hash and decoder into a volume, and its first bytes
 * last, once every digest agrees. Until then nobody can take the file for an image.
 * @throws PlowError, Interrupted
 */
export async function pullImage(wanted: WantedImage, tools: PullTools, context: VmContext): Promise<Pulled> {
  const pull = new Pull(wanted, tools, context);
  try {
    return await pull.run();
  } catch (error) {
    throw await pull.failed(error);
  } finally {
    await pull.end();
  }
}

class Pull {
  readonly #wanted: WantedImage;
  readonly #tools: PullTools;
  readonly #context: VmContext;
  readonly #store: ImageStore;
  readonly #token: string;
  readonly #version: string;
  readonly #begun = performance.now();
  /** Once it was taken. */
  #file: string | undefined;
  #body: Body | undefined;
  #verification: Verification | undefined;
  #download: Download | undefined;
  /** Aborted when nothing is to come from the web any more. */
  readonly #over = new AbortController();
  /** Its head is there, or may be: VMs may stand on it from then on. */
  #isPublished = false;

  constructor(wanted: WantedImage, tools: PullTools, context: VmContext) {
    this.#wanted = wanted;
    this.#tools = tools;
    this.#context = context;
    this.#store = new ImageStore(context);
    this.#token = context.newUuid();
    this.#version = versionOf(wanted, context.now());
  }

  async run(): Promise<Pulled> {
    const { progress, signal } = this.#context;
    const { name, url } = this.#wanted;
    progress.begin(`${wordsOf(this.#wanted).ing} ${name}`);
    const there = (await this.#store.all()).find(({ record }) => this.#isSame(record));
    if (there !== undefined) return this.#exists(there.file, there.record);
    this.#verification = await this.#wanted.verification?.();
    const download = await this.#tools.open(url, AbortSignal.any([signal, this.#over.signal]));
    this.#download = download;
    const pace = this.#pace(download.bytes);
    const meter = new Meter(this.#wanted, this.#tools, pace, this.#verification);
    const body = await Body.of(meter.content(download.chunks, await this.#mostBytes()));
    this.#body = body;
    const format = this.#judge(body.head);
    const file = this.#wanted.fileName ?? `${name}-${this.#version}.${format}`;
    const record = this.#record(format);
    const other = await this.#take(file, record, body.head);
    if (other !== undefined) return this.#exists(file, other);
    await this.#send(file, body);
    const proof = await meter.agree(this.#store.pathOf(file));
    return this.#publish(file, body.head, { ...record, ...proof, status: 'ready' });
  }

  async end(): Promise<void> {
    this.#over.abort();
    this.#download?.close();
    await this.#verification?.dispose();
  }

  /** What is to be thrown. Nothing of it stays. */
  async failed(error: unknown): Promise<unknown> {
    this.#over.abort();
    this.#download?.close();
    await this.#letGo();
    const left = isReason(error, 'disconnected') ? MAY_BE_LEFT : await this.#tidied();
    if (error instanceof Interrupted) return error.with(left ?? 'nothing of the image was left there');
    const message = `cannot ${wordsOf(this.#wanted).to} ${this.#wanted.name} to ${this.#store.directory}`;
    return explain(error, 'storage', message, left);
  }

  /** Whoever makes the chunks need make no more. */
  async #letGo(): Promise<void> {
    try {
      await this.#body?.end();
    } catch {
      // The first error is the one to tell.
    }
  }

  async #tidied(): Promise<string | undefined> {
    const file = this.#file;
    if (file === undefined) return undefined;
    try {
      const isWhole = await this.#store.inside(async (pool) => {
        if ((await recordIn(pool, file))?.token !== this.#token) return false;
        // Not a part of it: then VMs may stand on it.
        const head = this.#isPublished ? this.#body?.head : undefined;
        const there = head && (await headOfFile(pool, file, head.length));
        if (head !== undefined && there !== undefined && areSame(head, there)) return true;
        await removeFile(pool, file);
        await removeFile(pool, recordName(file));
        return false;
      });
      return isWhole ? 'all of it is there: plow image pull says so' : undefined;
    } catch {
      return MAY_BE_LEFT;
    }
  }

  #isSame(record: ImageRecord): boolean {
    return isSameImage(record, this.#wanted, this.#version);
  }

  #exists(file: string, record: ImageRecord): Pulled {
    const path = this.#store.pathOf(file);
    this.#context.progress.done(`${record.name}@${record.version} is there already: ${path}`);
    return { status: 'exists', path, record };
  }

  #pace(totalBytes: number | undefined): Pace | undefined {
    const { name } = this.#wanted;
    return totalBytes === undefined ? undefined : new Pace(this.#context.progress, name, totalBytes);
  }

  /** @throws PlowError (storage) */
  async #mostBytes(): Promise<number> {
    const { availableBytes } = await this.#store.inside(async (pool) => readPool(await pool.xml()));
    return Math.min(MOST_BYTES, availableBytes ?? MOST_BYTES);
  }

  /** @throws PlowError (validation) */
  #judge(head: Uint8Array): DiskFormat {
    const { format } = this.#wanted;
    const judged = judgeHead(head);
    const wrong = (problem: string): PlowError =>
      new PlowError('validation', `${whatGives(this.#wanted)} ${problem}`);
    if ('problem' in judged) throw wrong(judged.problem);
    if (format !== undefined && judged.format !== format)
      throw wrong(`is ${judged.format}, and ${format} was to come`);
    return judged.format;
  }

  #record(format: DiskFormat): ImageRecord {
    const { name, url, insecure, signedBy, needs } = this.#wanted;
    return {
      status: 'pulling',
      isMade: true,
      token: this.#token,
      name,
      version: this.#version,
      url: shownUrl(url),
      format,
      downloaded: null,
      content: null,
      bytes: null,
      capacityBytes: null,
      insecure,
      signedBy,
      ...(needs === undefined ? {} : { needs }),
      plow: this.#context.version,
      at: this.#context.now().toISOString(),
    };
  }

  /** @returns the record of the same image, if it is there @throws PlowError, HypervisorError, Interrupted */
  async #take(file: string, record: ImageRecord, head: Uint8Array): Promise<ImageRecord | undefined> {
    const isSame = (other: ImageRecord): boolean => this.#isSame(other);
    const other = await takeFile(this.#store, { file, record, head, isSame }, this.#context);
    if (other === undefined) this.#file = file;
    return other;
  }

  /** @throws PlowError, HypervisorError, Interrupted */
  async #send(file: string, body: Body): Promise<void> {
    while (!body.isOver) {
      const from = body.position;
      await this.#inOwn(file, async (pool) => {
        using volume = await pool.findVolume(file);
        if (volume === undefined) throw this.#hasGone(file);
        // What was read of it once is not there to be sent a second time.
        if (body.position !== from) throw this.#hasGone(file);
        await volume.writeSparse(from, this.#heard(body.upTo(from + WINDOW_BYTES)));
      });
    }
  }

  /** Ends where plow is asked to stop. */
  async *#heard<T>(pieces: AsyncIterable<T>): AsyncGenerator<T, void> {
    for await (const piece of pieces) {
      this.#context.signal.throwIfAborted();
      yield piece;
    }
  }

  #hasGone(file: string): PlowError {
    return new PlowError('storage', `somebody has removed ${this.#store.pathOf(file)} while it was pulled`);
  }

  /** Runs `work` if the file is this plow's still. */
  #inOwn<T>(file: string, work: (pool: Pool) => Promise<T>): Promise<T> {
    return this.#store.inside(async (pool) => {
      if ((await recordIn(pool, file))?.token !== this.#token) throw this.#hasGone(file);
      return work(pool);
    });
  }

  /** What proves it is written down first, then its head, and that it is ready last. */
  async #publish(file: string, head: Uint8Array, record: ImageRecord): Promise<Pulled> {
    const path = this.#store.pathOf(file);
    const whole = await this.#inOwn(file, async (pool) => {
      using volume = await pool.findVolume(file);
      if (volume === undefined) throw this.#hasGone(file);
      const bytes = Math.max(readVolume(await volume.xml()).fileBytes ?? 0, head.length);
      const capacityBytes = readQcow2Header(head)?.capacityBytes ?? bytes;
      const proven = { ...record, bytes, capacityBytes };
      await keepRecord(pool, file, { ...proven, status: 'pulling' });
      this.#context.signal.throwIfAborted();
      this.#isPublished = true;
      await volume.writeSparse(0, once(head));
      await keepRecord(pool, file, proven);
      return proven;
    });
    const took = durationText((performance.now() - this.#begun) / 1000);
    const size = whole.bytes === null ? '' : `${bytesText(whole.bytes)} in `;
    this.#context.progress.done(
      `${whole.name}@${whole.version} ${wordsOf(this.#wanted).ed} to ${path} (${size}${took})`,
    );
    return { status: 'pulled', path, record: whole };
  }
}

const MAY_BE_LEFT = 'a part of it may be left there, which is no image: plow image remove takes it away';

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}
