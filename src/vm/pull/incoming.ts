import { PlowError } from '../../errors/plow-error.ts';
import type { ImageFormat } from '../../config/machine.ts';
import type { VmContext } from '../context.ts';
import { judgeFile } from '../image-format/judge-file.ts';
import { Pace } from '../image-store/pace.ts';
import { Body } from './body.ts';
import { Meter } from './meter.ts';
import type { Proof } from './meter.ts';
import type { Bringing } from './source.ts';
import type { Download, Verification } from './wanted.ts';

/** An image whose first bytes are there. */
export interface Begun {
  readonly body: Body;
  /** By its first bytes. */
  readonly format: ImageFormat;
  /** Once all of it has gone by. @param path for messages @throws PlowError (validation) */
  readonly agree: (path: string) => Promise<Proof>;
}

/** An image on its way: it comes once, to however many hypervisors it goes. */
export class Incoming {
  readonly #bringing: Bringing;
  readonly #about: Pick<VmContext, 'progress' | 'signal'>;
  #body: Body | undefined;
  #verification: Verification | undefined;
  #download: Download | undefined;
  /** Aborted when nothing is to come any more. */
  readonly #over = new AbortController();

  constructor(bringing: Bringing, about: Pick<VmContext, 'progress' | 'signal'>) {
    this.#bringing = bringing;
    this.#about = about;
  }

  /** @param mostBytes tells how many may come out of it @throws PlowError */
  async begin(mostBytes: () => Promise<number>): Promise<Begun> {
    const { wanted, source } = this.#bringing;
    const { signal, progress } = this.#about;
    this.#verification = await wanted.verification?.();
    const download = await source.open(AbortSignal.any([signal, this.#over.signal]));
    this.#download = download;
    const doing = source.words.doing.toLowerCase();
    const { bytes } = download;
    const pace = bytes === undefined ? undefined : new Pace(progress, wanted.name, bytes, doing);
    const meter = new Meter(this.#bringing, pace, this.#verification);
    const body = await Body.of(meter.content(download.chunks, await mostBytes()));
    this.#body = body;
    return { body, format: this.#judge(body.head), agree: (path) => meter.agree(path) };
  }

  /** Nothing more is to come: whoever makes the chunks need make no more. */
  async stop(): Promise<void> {
    this.#over.abort();
    this.#download?.close();
    try {
      await this.#body?.end();
    } catch {
      // The first error is the one to tell.
    }
  }

  /** Always to be called. */
  async end(): Promise<void> {
    this.#over.abort();
    this.#download?.close();
    await this.#verification?.dispose();
  }

  /** @throws PlowError (validation) */
  #judge(head: Uint8Array): ImageFormat {
    const { wanted, source } = this.#bringing;
    const judged = judgeFile(head);
    const wrong = (problem: string): PlowError => new PlowError('validation', `${source.gives} ${problem}`);
    if ('problem' in judged) throw wrong(judged.problem);
    if (wanted.format !== undefined && judged.format !== wanted.format)
      throw wrong(`is ${judged.format}, and ${wanted.format} was to come`);
    return judged.format;
  }
}
