import { createHash } from 'node:crypto';
import type { ImageFormat, LoadedMachine, LocalImage, Machine } from '../../../config/machine.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import type { FileMistake } from '../../../errors/plow-error.ts';
import type { VmContext } from '../../../vm/context.ts';
import { preflight } from '../../../vm/create/preflight.ts';
import type { Begins } from '../../../vm/create/preflight.ts';
import { bringImage } from '../../../vm/upload/bring.ts';
import { fingerprintOf } from '../../../vm/upload/fingerprint.ts';
import type { Hasher } from '../../../vm/image-store/bytes.ts';
import { withNamedImage } from '../../../vm/image-store/named-image.ts';
import type { Fingerprint } from '../../../vm/upload/fingerprint.ts';
import { judgeLocalImage, judgeLocalMedium } from '../../../vm/upload/judge.ts';
import type { WantedImage } from '../../../vm/upload/look.ts';
import { SILENCE } from '../../run/batch/heard.ts';
import { comingOf, planUpload } from '../../../vm/upload/plan.ts';
import type { PlannedUpload } from '../../../vm/upload/plan.ts';

const newHasher = (): Hasher => createHash('sha256');

/** What a machine has of this machine: its base image first, as its medium may be the larger one. */
const ROLES = ['image', 'medium'] as const;

type Role = (typeof ROLES)[number];

/** What is brought for a machine. */
export type PlannedUploads = Readonly<Partial<Record<Role, PlannedUpload>>>;

/** A machine whose images are, or are to be, on the hypervisor. */
export interface WithUploads {
  /** With the paths of the images there. */
  readonly loaded: LoadedMachine;
  readonly uploads: PlannedUploads;
  /** Of those that are not there. */
  readonly begins: Pick<Begins, 'coming' | 'isMediumComing'>;
}

/** The images of this machine that VM files name, each read and sent once, however many files name it. */
export class Uploads {
  readonly #formats: ReadonlyMap<LocalImage, ImageFormat>;
  readonly #prints = new Map<string, Promise<Fingerprint>>();
  /** Of each hypervisor, by digests. */
  readonly #brought = new WeakMap<object, Map<string, Promise<string>>>();

  private constructor(formats: ReadonlyMap<LocalImage, ImageFormat>) {
    this.#formats = formats;
  }

  /** @throws PlowError (validation) with a line for each image that is none */
  static async of(machines: readonly LoadedMachine[]): Promise<Uploads> {
    const sound = new Map<LocalImage, ImageFormat>();
    const wrong: { readonly line: string; readonly mistake: FileMistake }[] = [];
    for (const loaded of machines) {
      for (const role of ROLES) {
        const file = fileOf(loaded, role);
        if (file === undefined) continue;
        const judged = await (role === 'image'
          ? judgeLocalImage(file, loaded.machine)
          : judgeLocalMedium(file));
        if ('format' in judged) sound.set(file, judged.format);
        else
          wrong.push({
            line: `${loaded.locate(judged.path)}: ${judged.text}`,
            mistake: loaded.mistake(judged.path, judged.text),
          });
      }
    }
    if (wrong.length === 0) return new Uploads(sound);
    const message = wrong.map(({ line }) => line).join('\n');
    throw new PlowError('validation', message, { mistakes: wrong.map((one) => one.mistake) });
  }

  /**
   * What bring would do; nothing is sent. Undefined for a machine without such images.
   * @throws PlowError, Interrupted
   */
  async plan(loaded: LoadedMachine, context: VmContext): Promise<WithUploads | undefined> {
    const planned: WithUploads = { loaded, uploads: {}, begins: {} };
    const whole = await ROLES.reduce(async (before, role) => {
      const sum = await before;
      const wanted = await this.#wanted(loaded, role, context);
      if (wanted === undefined) return sum;
      const upload = await planUpload(wanted, context);
      return {
        loaded: withPath(sum.loaded, role, upload.path),
        uploads: { ...sum.uploads, [role]: upload },
        begins: { ...sum.begins, ...begins(role, wanted, upload) },
      };
    }, Promise.resolve(planned));
    return whole === planned ? undefined : whole;
  }

  /**
   * Has the images of a machine on the hypervisor, once all else is found good.
   * @returns the machine with their paths there
   * @throws PlowError, Interrupted
   */
  async bring(loaded: LoadedMachine, context: VmContext): Promise<LoadedMachine> {
    let ready = loaded;
    for (const role of ROLES) {
      const wanted = await this.#wanted(loaded, role, context);
      if (wanted !== undefined)
        ready = withPath(ready, role, await this.#once(wanted, role, loaded, context));
    }
    return ready;
  }

  async #once(wanted: WantedImage, role: Role, loaded: LoadedMachine, context: VmContext): Promise<string> {
    const brought = this.#brought.get(context.hypervisor) ?? new Map<string, Promise<string>>();
    this.#brought.set(context.hypervisor, brought);
    const { digest } = wanted.print;
    const path = brought.get(digest) ?? this.#bring(wanted, role, loaded, context);
    brought.set(digest, path);
    try {
      return await path;
    } catch (error) {
      // It may be about this machine alone: the next one tries for itself.
      brought.delete(digest);
      throw error;
    }
  }

  async #bring(wanted: WantedImage, role: Role, loaded: LoadedMachine, context: VmContext): Promise<string> {
    const planned = await this.plan(loaded, context);
    const upload = planned?.uploads[role];
    if (planned === undefined || upload === undefined) throw new Error('there is one to bring');
    if (upload.there === 'all') {
      context.progress.done(`Image ${upload.path} is there already`);
      return upload.path;
    }
    // What is to be noted create notes, which looks again.
    const silent = { ...context, progress: SILENCE };
    await preflight(await withNamedImage(planned.loaded, silent), silent, planned.begins);
    return bringImage(wanted, newHasher, context);
  }

  async #wanted(loaded: LoadedMachine, role: Role, context: VmContext): Promise<WantedImage | undefined> {
    const file = fileOf(loaded, role);
    const format = file && this.#formats.get(file);
    if (file === undefined || format === undefined) return undefined;
    const reading = this.#prints.get(file.file) ?? fingerprintOf(file, newHasher, context);
    this.#prints.set(file.file, reading);
    return { file, format, print: await reading };
  }
}

function fileOf({ localImage, localMedium }: LoadedMachine, role: Role): LocalImage | undefined {
  return role === 'image' ? localImage : localMedium;
}

function begins(role: Role, wanted: WantedImage, upload: PlannedUpload): WithUploads['begins'] {
  return role === 'image' ? { coming: comingOf(wanted, upload) } : { isMediumComing: upload.there !== 'all' };
}

function withPath(loaded: LoadedMachine, role: Role, path: string): LoadedMachine {
  const { machine } = loaded;
  const { bootDisk, cdrom } = machine;
  const brought: Machine =
    role === 'image'
      ? { ...machine, bootDisk: { ...bootDisk, image: path } }
      : { ...machine, cdrom: cdrom && { ...cdrom, image: path } };
  return { ...loaded, machine: brought };
}
