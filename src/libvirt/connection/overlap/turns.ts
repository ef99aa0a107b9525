/**
 * Whose turn it is on a connection, in the order in which they asked: each works alone, or beside others that
 * may.
 */
export class Turns {
  #alone: Promise<unknown> = Promise.resolve();
  /** Since the last one that works alone. */
  readonly #beside = new Set<Promise<unknown>>();

  /** Runs `work` after all that was asked for before, and before all that comes after. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.ended().then(work);
    this.#beside.clear();
    this.#alone = settled(turn);
    return turn;
  }

  /** Runs `work` after what is to be done alone, and beside others that came since. */
  beside<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#alone.then(work);
    const ended = settled(turn);
    this.#beside.add(ended);
    void ended.then(() => this.#beside.delete(ended));
    return turn;
  }

  /** When all that was asked for so far has ended. */
  async ended(): Promise<void> {
    await Promise.all([this.#alone, ...this.#beside]);
  }
}

function settled(work: Promise<unknown>): Promise<unknown> {
  return work.catch(() => undefined);
}
