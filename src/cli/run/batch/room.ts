import { setTimeout } from 'node:timers/promises';

/** Whoever has a place for longer leaves it to another, and goes on. */
export interface Patience {
  readonly milliseconds: number;
  /** Those that go on without a place at the same time. */
  readonly most: number;
}

/** Has a bounded number of things done at the same time; the others wait in their order. */
export class Room {
  readonly #patience: Patience | undefined;
  readonly #outside: Room | undefined;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number, patience?: Patience) {
    this.#free = places;
    this.#patience = patience;
    this.#outside = patience && new Room(patience.most);
  }

  async with<T>(work: () => Promise<T>): Promise<T> {
    const leave = await this.take();
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** @returns what gives the place back, once */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const inside = once(() => this.#pass());
    const over = new AbortController();
    if (this.#patience !== undefined) {
      void setTimeout(this.#patience.milliseconds, undefined, { ref: false }).then(() =>
        this.#goOutside(inside, over.signal),
      );
    }
    return () => {
      inside();
      over.abort();
    };
  }

  /** Gives the place back as soon as there is one outside, which is kept until it is over. */
  async #goOutside(inside: () => void, over: AbortSignal): Promise<void> {
    const leave = over.aborted ? undefined : await this.#outside?.take();
    if (leave === undefined) return;
    inside();
    if (over.aborted) leave();
    else over.addEventListener('abort', leave);
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
