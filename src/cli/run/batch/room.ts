import { setTimeout } from 'node:timers/promises';

/** Has a bounded number of things done at the same time; the others wait in their order. */
export class Room {
  readonly #patienceMs: number | undefined;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param patienceMs whoever has a place for longer leaves it to another, and goes on */
  constructor(places: number, patienceMs?: number) {
    this.#free = places;
    this.#patienceMs = patienceMs;
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
    let hasPlace = true;
    const leave = (): void => {
      if (hasPlace) this.#pass();
      hasPlace = false;
    };
    if (this.#patienceMs !== undefined)
      void setTimeout(this.#patienceMs, undefined, { ref: false }).then(leave);
    return leave;
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
