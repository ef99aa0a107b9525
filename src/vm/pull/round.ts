import { bytesText } from '../../text/quantities.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { VmContext } from '../context.ts';
import { FanOut } from './fan-out.ts';
import { Incoming } from './incoming.ts';
import type { Begun } from './incoming.ts';
import type { Bringing } from './source.ts';
import { Target } from './target.ts';
import type { Pulled } from './target.ts';
import { versionOf } from './wanted.ts';

/** How much is sent before it is looked whether the file is this plow's still. */
const WINDOW_BYTES = 64 * 2 ** 20;
/** Whatever a publisher says: more than any image of a distribution. */
const MOST_BYTES = 64 * 2 ** 30;

/** What came of it on a hypervisor. */
export type Outcome =
  | { readonly pulled: Pulled }
  | {
      readonly pulled: undefined;
      /** A PlowError or Interrupted, or a bug. */
      readonly error: unknown;
      /** It is no matter of this hypervisor, but of what was to come: all that are left have it. */
      readonly isOfSource: boolean;
    };

/** An image that is brought to several hypervisors at once. */
export class Round {
  readonly #doing: string;
  readonly #about: Pick<VmContext, 'progress' | 'signal'>;
  readonly #heard: (outcome: Outcome, index: number) => void;
  readonly #incoming: Incoming;
  readonly #targets: readonly Target[];
  readonly #name: string;
  /** Those that neither have it nor failed. */
  readonly #left: Set<Target>;
  readonly #outcomes = new Map<Target, Outcome>();
  /** Of those that dropped out: their rest is taken back while the others go on. */
  readonly #failing: Promise<void>[] = [];
  #sourceError: { readonly error: unknown } | undefined;

  constructor(
    bringing: Bringing,
    contexts: readonly VmContext[],
    about: Pick<VmContext, 'progress' | 'signal' | 'now'>,
    heard: (outcome: Outcome, index: number) => void,
  ) {
    const version = versionOf(bringing.wanted, about.now());
    this.#name = bringing.wanted.name;
    this.#doing = `${bringing.source.words.doing} ${bringing.wanted.name}`;
    this.#about = about;
    this.#heard = heard;
    this.#incoming = new Incoming(bringing, about);
    this.#targets = contexts.map((context) => new Target(bringing, version, context));
    this.#left = new Set(this.#targets);
  }

  async run(): Promise<readonly Outcome[]> {
    this.#about.progress.begin(this.#doing);
    try {
      await this.#onEach((target) => target.look());
      if (this.#left.size > 0) await this.#bring();
    } catch (error) {
      this.#sourceError = { error };
      await this.#incoming.stop();
      for (const target of this.#left) this.#drop(target, error);
    } finally {
      await this.#incoming.stop();
      await Promise.all(this.#failing);
      await this.#incoming.end();
    }
    return this.#targets.flatMap((target) => this.#outcomes.get(target) ?? []);
  }

  async #bring(): Promise<void> {
    const rooms = new Map<Target, number>();
    const { body, format, agree } = await this.#incoming.begin(async () => {
      await this.#onEach(async (target) => {
        rooms.set(target, Math.min(MOST_BYTES, (await target.room()) ?? MOST_BYTES));
        return undefined;
      });
      return Math.max(0, ...rooms.values());
    });
    await this.#onEach((target) => target.take(format, body.head));
    await this.#send({ body, rooms });
    const [first] = this.#left;
    if (first === undefined) return;
    const proof = await agree(first.path);
    await this.#onEach((target) => target.publish(body.head, proof));
  }

  async #send({
    body,
    rooms,
  }: Pick<Begun, 'body'> & { readonly rooms: ReadonlyMap<Target, number> }): Promise<void> {
    const { signal } = this.#about;
    while (!body.isOver && this.#left.size > 0) {
      const from = body.position;
      const window = new FanOut(this.#ofSource(body.upTo(from + WINDOW_BYTES)), this.#left.size);
      const over = new AbortController();
      const how = { once: true, signal: over.signal };
      signal.addEventListener('abort', () => window.break(signal.reason), how);
      if (signal.aborted) window.break(signal.reason);
      await this.#onEach(async (target) => {
        const room = rooms.get(target) ?? MOST_BYTES;
        await window.feed((pieces) => target.send(from, this.#within(room, from, pieces)));
        return undefined;
      });
      over.abort();
    }
  }

  /** What goes wrong with it is the same for all. */
  async *#ofSource<T>(pieces: AsyncIterable<T>): AsyncGenerator<T, void> {
    try {
      yield* pieces;
    } catch (error) {
      this.#sourceError = { error };
      throw error;
    }
  }

  /** Where others have more room. @throws PlowError (storage) */
  async *#within(
    most: number,
    from: number,
    pieces: AsyncIterable<Uint8Array | number>,
  ): AsyncGenerator<Uint8Array | number, void> {
    let at = from;
    for await (const piece of pieces) {
      at += typeof piece === 'number' ? piece : piece.length;
      if (at > most)
        throw new PlowError(
          'storage',
          `${this.#name} is larger than the ${bytesText(most)} that are free there`,
        );
      yield piece;
    }
  }

  /** Does the same on each that is left. @param work @returns what it ended with, if it has */
  async #onEach(work: (target: Target) => Promise<Pulled | undefined>): Promise<void> {
    const doing = [...this.#left].map(async (target) => {
      try {
        const pulled = await work(target);
        if (pulled !== undefined) this.#settle(target, { pulled });
      } catch (error) {
        this.#drop(target, error);
      }
    });
    await Promise.all(doing);
  }

  #drop(target: Target, error: unknown): void {
    this.#left.delete(target);
    const isOfSource = this.#sourceError?.error === error;
    this.#failing.push(
      target
        .failed(error)
        .then((told) => this.#settle(target, { pulled: undefined, error: told, isOfSource })),
    );
  }

  #settle(target: Target, outcome: Outcome): void {
    this.#left.delete(target);
    this.#outcomes.set(target, outcome);
    this.#heard(outcome, this.#targets.indexOf(target));
    // What was told has ended what is drawn.
    if (this.#left.size > 0) this.#about.progress.begin(this.#doing);
  }
}
