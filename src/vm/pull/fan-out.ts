/**
 * Gives each piece of one stream to several takers at once. The next one is asked for when all have taken
 * theirs, or have gone: the slowest sets the pace, and nothing is kept.
 */
export class FanOut<T> {
  readonly #source: AsyncIterator<T>;
  /** Those that have not gone. */
  #takers: number;
  #waiting: Waiting<T>[] = [];
  /** Those that wait, and those whose piece is on its way. */
  readonly #asking = new Set<Waiting<T>>();
  #broken: { readonly error: unknown } | undefined;

  /** @param takers how many there are: none gets a piece before each has asked for one, or has gone */
  constructor(pieces: AsyncIterable<T>, takers: number) {
    this.#source = pieces[Symbol.asyncIterator]();
    this.#takers = takers;
  }

  /**
   * Runs what takes the pieces, one taker of those that were announced. It has gone when it ends, or asks for
   * no more.
   * @throws whatever it throws
   */
  async feed(taker: (pieces: AsyncIterable<T>) => Promise<void>): Promise<void> {
    let isThere = true;
    const go = (): void => {
      if (!isThere) return;
      isThere = false;
      this.#takers -= 1;
      this.#turn();
    };
    try {
      await taker(this.#pieces(go));
    } finally {
      go();
    }
  }

  /** Nobody gets anything any more, nor waits for who hangs. */
  break(error: unknown): void {
    this.#broken = { error };
    for (const { reject } of this.#asking) reject(error);
  }

  async *#pieces(go: () => void): AsyncGenerator<T, void> {
    try {
      for (;;) {
        const next = await this.#next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      go();
    }
  }

  async #next(): Promise<IteratorResult<T, unknown>> {
    if (this.#broken !== undefined) throw this.#broken.error;
    let asked: Waiting<T> | undefined;
    try {
      return await new Promise<IteratorResult<T, unknown>>((resolve, reject) => {
        asked = { resolve, reject };
        this.#asking.add(asked);
        this.#waiting.push(asked);
        this.#turn();
      });
    } finally {
      if (asked !== undefined) this.#asking.delete(asked);
    }
  }

  #turn(): void {
    if (this.#waiting.length === 0 || this.#waiting.length < this.#takers) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    void this.#serve(waiting);
  }

  async #serve(waiting: readonly Waiting<T>[]): Promise<void> {
    try {
      const next = await this.#source.next();
      for (const { resolve } of waiting) resolve(next);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}

interface Waiting<T> {
  readonly resolve: (next: IteratorResult<T, unknown>) => void;
  readonly reject: (error: unknown) => void;
}
