import { createHash } from 'node:crypto';
import type { LoadedMachine, LocalImage } from '../../../config/machine.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import type { FileMistake } from '../../../errors/plow-error.ts';
import type { VmContext } from '../../../vm/context.ts';
import { preflight } from '../../../vm/create/preflight.ts';
import type { ComingImage } from '../../../vm/host/inspection.ts';
import { bringImage } from '../../../vm/upload/bring.ts';
import { fingerprintOf } from '../../../vm/upload/fingerprint.ts';
import type { Hasher } from '../../../vm/image-store/bytes.ts';
import type { Fingerprint } from '../../../vm/upload/fingerprint.ts';
import { judgeLocalImage } from '../../../vm/upload/judge.ts';
import type { SoundImage } from '../../../vm/upload/judge.ts';
import type { WantedImage } from '../../../vm/upload/look.ts';
import { SILENCE } from '../../run/batch/heard.ts';
import { comingOf, planUpload } from '../../../vm/upload/plan.ts';
import type { PlannedUpload } from '../../../vm/upload/plan.ts';

const newHasher = (): Hasher => createHash('sha256');

/** A machine whose image is, or is to be, on the hypervisor. */
export interface WithUpload {
  /** With the path of the image there. */
  readonly loaded: LoadedMachine;
  readonly upload: PlannedUpload;
  /** Undefined for one that is there. */
  readonly coming: ComingImage | undefined;
}

/** The images of this machine that VM files name, each read and sent once, however many files name it. */
export class Uploads {
  readonly #sound: ReadonlyMap<LocalImage, SoundImage>;
  readonly #prints = new Map<string, Promise<Fingerprint>>();
  /** Of each hypervisor, by digests. */
  readonly #brought = new WeakMap<object, Map<string, Promise<string>>>();

  private constructor(sound: ReadonlyMap<LocalImage, SoundImage>) {
    this.#sound = sound;
  }

  /** @throws PlowError (validation) with a line for each image that is none */
  static async of(machines: readonly LoadedMachine[]): Promise<Uploads> {
    const sound = new Map<LocalImage, SoundImage>();
    const wrong: { readonly line: string; readonly mistake: FileMistake }[] = [];
    for (const loaded of machines) {
      const { localImage, machine } = loaded;
      if (localImage === undefined) continue;
      const judged = await judgeLocalImage(localImage, machine);
      if ('format' in judged) sound.set(localImage, judged);
      else
        wrong.push({
          line: `${loaded.locate(judged.path)}: ${judged.text}`,
          mistake: loaded.mistake(judged.path, judged.text),
        });
    }
    if (wrong.length === 0) return new Uploads(sound);
    const message = wrong.map(({ line }) => line).join('\n');
    throw new PlowError('validation', message, { mistakes: wrong.map((one) => one.mistake) });
  }

  /**
   * What bring would do; nothing is sent. Undefined for a machine with another image.
   * @throws PlowError, Interrupted
   */
  async plan(loaded: LoadedMachine, context: VmContext): Promise<WithUpload | undefined> {
    const wanted = await this.#wanted(loaded, context);
    if (wanted === undefined) return undefined;
    const upload = await planUpload(wanted, context);
    return { loaded: withImage(loaded, upload.path), upload, coming: comingOf(wanted, upload) };
  }

  /**
   * Has the image of a machine on the hypervisor, once all else is found good.
   * @returns the machine with its path there
   * @throws PlowError, Interrupted
   */
  async bring(loaded: LoadedMachine, context: VmContext): Promise<LoadedMachine> {
    const wanted = await this.#wanted(loaded, context);
    if (wanted === undefined) return loaded;
    const brought = this.#brought.get(context.hypervisor) ?? new Map<string, Promise<string>>();
    this.#brought.set(context.hypervisor, brought);
    const { digest } = wanted.print;
    const path = brought.get(digest) ?? this.#bring(wanted, loaded, context);
    brought.set(digest, path);
    try {
      return withImage(loaded, await path);
    } catch (error) {
      // It may be about this machine alone: the next one tries for itself.
      brought.delete(digest);
      throw error;
    }
  }

  async #bring(wanted: WantedImage, loaded: LoadedMachine, context: VmContext): Promise<string> {
    const upload = await planUpload(wanted, context);
    const coming = comingOf(wanted, upload);
    if (coming === undefined) {
      context.progress.done(`Image ${upload.path} is there already`);
      return upload.path;
    }
    // What is to be noted create notes, which looks again.
    await preflight(withImage(loaded, upload.path), { ...context, progress: SILENCE }, { coming });
    return bringImage(wanted, newHasher, context);
  }

  async #wanted({ localImage }: LoadedMachine, context: VmContext): Promise<WantedImage | undefined> {
    const sound = localImage && this.#sound.get(localImage);
    if (localImage === undefined || sound === undefined) return undefined;
    const reading = this.#prints.get(localImage.file) ?? fingerprintOf(localImage, newHasher, context);
    this.#prints.set(localImage.file, reading);
    return { file: localImage, format: sound.format, print: await reading };
  }
}

function withImage(loaded: LoadedMachine, image: string): LoadedMachine {
  const { machine } = loaded;
  return { ...loaded, machine: { ...machine, bootDisk: { ...machine.bootDisk, image } } };
}
