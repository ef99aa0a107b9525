/** `PLOW_FUZZ_SEED=123` repeats a run, `PLOW_FUZZ_COUNT=100000` makes it longer. */

export const SEED = Number(process.env['PLOW_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Files that the whole run feeds to plow. */
export const COUNT = Number(process.env['PLOW_FUZZ_COUNT'] ?? 10_000);

/** How a failure of this run is repeated; also printed by every test. */
export const REPEAT = `PLOW_FUZZ_SEED=${SEED} PLOW_FUZZ_COUNT=${COUNT}`;

/** Random numbers that a seed and the number of a case determine. */
export class Random {
  #state: number;

  constructor(seed: number, index: number) {
    // Far apart even for neighbours, by a multiplication with odd constants.
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca77)) >>> 0;
  }

  /** A whole number from 0 to below `bound`; Tommy Ettinger's mulberry32. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}
