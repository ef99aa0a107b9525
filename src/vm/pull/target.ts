import { isReason } from '../../errors/hypervisor-error.ts';
import { Interrupted } from '../../errors/interrupted.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { ImageFormat } from '../../config/machine.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { readPool, readVolume } from '../../libvirt-xml/read/storage.ts';
import { bytesText, durationText } from '../../text/quantities.ts';
import type { VmContext } from '../context.ts';
import { explain } from '../failure.ts';
import { readQcow2Header } from '../image-format/qcow2-header.ts';
import { areSame } from '../image-store/bytes.ts';
import { recordName } from '../image-store/record.ts';
import type { ImageRecord } from '../image-store/record.ts';
import { headOfFile, ImageStore, keepRecord, recordIn, removeFile } from '../image-store/store.ts';
import type { StoredImage } from '../image-store/store.ts';
import type { Proof } from './meter.ts';
import { firstRecord, isWanted } from './first-record.ts';
import type { Bringing } from './source.ts';
import { takeFile } from './take-file.ts';

/** What came of it. */
export interface Pulled {
  readonly status: 'pulled' | 'exists';
  readonly path: string;
  readonly record: ImageRecord;
}

/** The file of an image on a hypervisor that it is brought to, from its name to its head. */
export class Target {
  readonly #bringing: Bringing;
  readonly #version: string;
  readonly #context: VmContext;
  readonly #store: ImageStore;
  readonly #token: string;
  readonly #begun = performance.now();
  /** What was there at first. */
  #seen: readonly StoredImage[] = [];
  /** Once its name was taken. */
  #taken: { readonly file: string; readonly record: ImageRecord } | undefined;
  /** Its head is there, or may be: VMs may stand on it from then on. */
  #published: { readonly head: Uint8Array; readonly record: ImageRecord } | undefined;

  constructor(bringing: Bringing, version: string, context: VmContext) {
    this.#bringing = bringing;
    this.#version = version;
    this.#context = context;
    this.#store = new ImageStore(context);
    this.#token = context.newUuid();
  }

  /** @returns the image, where it is there @throws HypervisorError */
  async look(): Promise<Pulled | undefined> {
    this.#seen = await this.#store.all();
    const there = this.#seen.find(({ record }) => this.#isWanted(record));
    return there && this.#exists(there.file, there.record);
  }

  /** How many bytes are free there; undefined where nobody counts them. @throws HypervisorError, PlowError */
  async room(): Promise<number | undefined> {
    const { availableBytes } = await this.#store.inside(async (pool) => readPool(await pool.xml()));
    return availableBytes;
  }

  /** Takes its name. @returns the image, if it is there @throws PlowError, HypervisorError, Interrupted */
  async take(format: ImageFormat, head: Uint8Array): Promise<Pulled | undefined> {
    const file = this.#fileName(`${this.#version}.${format}`);
    const record = firstRecord(this.#bringing, {
      version: this.#version,
      token: this.#token,
      format,
      plow: this.#context.version,
      at: this.#context.now().toISOString(),
    });
    const isSame = (other: ImageRecord): boolean => this.#isWanted(other);
    const isSigned = this.#bringing.wanted.verification !== undefined;
    const taking = { file, record, head, isSame, isSigned };
    const other = await takeFile(this.#store, taking, this.#context);
    if (other !== undefined) return this.#exists(file, other);
    this.#taken = { file, record };
    return undefined;
  }

  /** An entry that names one file has it for its first build only: a published file is never written to. */
  #fileName(ending: string): string {
    const { fileName, name, original } = this.#bringing.wanted;
    if (fileName === undefined) return `${name}-${ending}`;
    const isTaken = this.#seen.some(({ file, record }) => file === fileName && record.status === 'ready');
    if (!isTaken || original !== undefined) return fileName;
    return `${fileName.replace(/\.(?:qcow2|img|raw|iso)$/u, '')}-${ending}`;
  }

  get path(): string {
    return this.#store.pathOf(this.#own().file);
  }

  /** Writes what comes next, from an offset on. @throws PlowError, HypervisorError, Interrupted */
  async send(from: number, pieces: AsyncIterable<Uint8Array | number>): Promise<void> {
    const { file } = this.#own();
    let isBegun = false;
    const gone = (): PlowError => this.#hasGone();
    const { signal } = this.#context;
    async function* heard(): AsyncGenerator<Uint8Array | number, void> {
      isBegun = true;
      for await (const piece of pieces) {
        signal.throwIfAborted();
        yield piece;
      }
    }
    await this.#inOwn(async (pool) => {
      using volume = await pool.findVolume(file);
      // What was read of it once is not there to be sent a second time.
      if (volume === undefined || isBegun) throw gone();
      await volume.writeSparse(from, heard());
    });
  }

  /** What proves it is written down first, then its head, and that it is ready last. */
  async publish(head: Uint8Array, proof: Proof): Promise<Pulled> {
    const { file, record } = this.#own();
    const { path } = this;
    const whole = await this.#inOwn(async (pool) => {
      using volume = await pool.findVolume(file);
      if (volume === undefined) throw this.#hasGone();
      const bytes = Math.max(readVolume(await volume.xml()).fileBytes ?? 0, head.length);
      const capacityBytes = readQcow2Header(head)?.capacityBytes ?? bytes;
      const proven = { ...record, ...proof, bytes, capacityBytes };
      await keepRecord(pool, file, { ...proven, status: 'pulling' });
      this.#context.signal.throwIfAborted();
      const ready = { ...proven, status: 'ready' } as const;
      this.#published = { head, record: ready };
      await volume.writeSparse(0, once(head));
      await keepRecord(pool, file, ready);
      return ready;
    });
    const took = durationText((performance.now() - this.#begun) / 1000);
    const { done } = this.#bringing.source.words;
    const size = `${bytesText(whole.bytes)} in ${took}`;
    this.#context.progress.done(`${whole.name}@${whole.version} ${done} to ${path} (${size})`);
    return { status: 'pulled', path, record: whole };
  }

  /** What is to be thrown. Nothing of it stays. */
  async failed(error: unknown): Promise<unknown> {
    const isCut = isReason(error, 'disconnected');
    const left = isCut ? this.#taken && this.#mayBeLeft() : await this.#tidied();
    if (error instanceof Interrupted) return error.with(left ?? 'nothing of the image was left there');
    const { verb } = this.#bringing.source.words;
    const what = `cannot ${verb} ${this.#bringing.wanted.name} to ${this.#store.directory}`;
    const told = explain(error, 'storage', what, left);
    // What a line that broke is explained with says nothing of images.
    if (!isCut || left === undefined || !(told instanceof PlowError)) return told;
    const { kind, message, detail = '', cause } = told;
    return new PlowError(kind, message, { detail, cause, hint: left });
  }

  async #tidied(): Promise<string | undefined> {
    if (this.#taken === undefined) return undefined;
    const { file } = this.#taken;
    try {
      const isWhole = await this.#store.inside(async (pool) => {
        if ((await recordIn(pool, file))?.token !== this.#token) return false;
        // Not a part of it: then VMs may stand on it.
        if (this.#published !== undefined) {
          const { head, record } = this.#published;
          if (areSame(head, await headOfFile(pool, file, head.length))) {
            await keepRecord(pool, file, record);
            return true;
          }
        }
        await removeFile(pool, file);
        await removeFile(pool, recordName(file));
        return false;
      });
      const { verb } = this.#bringing.source.words;
      return isWhole ? `all of it is there: plow image ${verb} says so` : undefined;
    } catch {
      return this.#mayBeLeft();
    }
  }

  #mayBeLeft(): string {
    if (this.#published === undefined) return MAY_BE_LEFT;
    return `all of it may be there: plow image ${this.#bringing.source.words.verb} again tells`;
  }

  #isWanted(record: ImageRecord): boolean {
    return isWanted(record, this.#bringing.wanted, this.#version);
  }

  #exists(file: string, record: ImageRecord): Pulled {
    const path = this.#store.pathOf(file);
    this.#context.progress.done(`${record.name}@${record.version} is there already: ${path}`);
    return { status: 'exists', path, record };
  }

  #own(): { readonly file: string; readonly record: ImageRecord } {
    if (this.#taken === undefined) throw new Error('its name was taken');
    return this.#taken;
  }

  #hasGone(): PlowError {
    const { done } = this.#bringing.source.words;
    return new PlowError('storage', `somebody has removed ${this.path} while it was ${done}`);
  }

  /** Runs `work` if the file is this plow's still. */
  #inOwn<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    const { file } = this.#own();
    return this.#store.inside(async (pool) => {
      if ((await recordIn(pool, file))?.token !== this.#token) throw this.#hasGone();
      return work(pool);
    });
  }
}

const MAY_BE_LEFT = 'a part of it may be left there, which is no image: plow image remove takes it away';

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}
