import { MOST_GUESTS_ASKED } from './concurrency.ts';

/** Of the 256 calls that koffi takes at a time; the others are the event loop's, guests' and single ones. */
const MOST_UNDER_WAY = 240;

interface Batch {
  /** How many calls it may have under way where no other batch has any. */
  readonly most: number;
  underWay: number;
  readonly waiting: (() => void)[];
}

/** Of one batch. */
export interface Turns {
  /** Waits until there is room for a call. */
  readonly begin: () => Promise<void>;
  /** A call has ended. */
  readonly end: () => void;
  /** The batch is over. Calls of it that never end take nobody's room, as long as koffi has some. */
  readonly leave: () => void;
}

/**
 * Batches of all connections of this process share koffi's calls and libuv's threads (UV_THREADPOOL_SIZE):
 * together they have no more calls under way than the one that may have the most, but each has one. Room goes
 * to whoever has the fewest.
 */
export class CallBudget {
  readonly #batches = new Set<Batch>();
  /** Also of batches that are over. */
  #underWay = 0;

  enter(most: number): Turns {
    const batch: Batch = { most, underWay: 0, waiting: [] };
    this.#batches.add(batch);
    return {
      begin: () =>
        new Promise((resolve) => {
          batch.waiting.push(resolve);
          this.#admit(batch);
        }),
      end: () => {
        batch.underWay -= 1;
        this.#underWay -= 1;
        this.#admit(batch);
      },
      leave: () => {
        this.#batches.delete(batch);
        this.#admit(batch);
      },
    };
  }

  #admit(batch: Batch): void {
    // Whoever still waits in a batch that is over has to see so.
    while (!this.#batches.has(batch) && batch.waiting.length > 0) this.#start(batch);
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#start(next);
  }

  #start(batch: Batch): void {
    batch.underWay += 1;
    this.#underWay += 1;
    batch.waiting.shift()?.();
  }

  /** Whose turn it is: in one pass, as it is asked twice for each call. */
  #next(): Batch | undefined {
    let next: Batch | undefined;
    let total = 0;
    let most = 0;
    for (const batch of this.#batches) {
      total += batch.underWay;
      most = Math.max(most, batch.most);
      if (batch.waiting.length > 0 && (next === undefined || batch.underWay < next.underWay)) next = batch;
    }
    const isFull = total >= most || this.#underWay >= MOST_UNDER_WAY;
    return isFull && next?.underWay !== 0 ? undefined : next;
  }
}

/** Of calls that libvirt answers. */
const answered = new CallBudget();
/** Of calls that a guest may leave without an answer. */
const guests = new CallBudget();

export const enterBatch = (most: number): Turns => answered.enter(most);
export const enterGuests = (): Turns => guests.enter(MOST_GUESTS_ASKED);

/** Calls of one connection that overlap and are in no batch: they are one, for as long as there are any. */
export class SingleCalls {
  #turns: Turns | undefined;
  #count = 0;

  /** @param most of them at a time */
  async run<T>(most: number, work: () => Promise<T>): Promise<T> {
    const turns = (this.#turns ??= enterBatch(most));
    this.#count += 1;
    await turns.begin();
    try {
      return await work();
    } finally {
      turns.end();
      this.#count -= 1;
      if (this.#count === 0) {
        turns.leave();
        this.#turns = undefined;
      }
    }
  }
}
