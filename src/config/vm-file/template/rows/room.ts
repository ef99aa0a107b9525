import type { Place } from '../../../yaml/place.ts';
import { MOST_ROWS } from '../keys.ts';

/** What all VMs of a file come to at most: far more than VMs need, and little memory. */
const MOST_VALUES = 300_000;
const MOST_TEXT = 8 * 2 ** 20;

/** What is left for the VMs of one file. */
export class Room {
  #rows = MOST_ROWS;
  #values = MOST_VALUES;
  #text = MOST_TEXT;

  /** Whether something was refused, so that there is no use in more. */
  get isOver(): boolean {
    return this.#rows < 0 || this.#values < 0 || this.#text < 0;
  }

  /** Why there is none for so many. */
  takeRows(count: number): string | undefined {
    this.#rows -= count;
    return this.#rows < 0 ? `a file holds more than ${MOST_ROWS} VMs` : undefined;
  }

  /** Why there is none for one more. */
  take({ size, textLength }: Place): string | undefined {
    this.#values -= size;
    this.#text -= textLength;
    return this.#values < 0 || this.#text < 0
      ? 'its VMs come to more than plow takes of one file'
      : undefined;
  }
}
