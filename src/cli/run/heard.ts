import type { Progress } from '../../vm/progress.ts';

const nothing = (): void => {};

/** For --quiet and for documents. */
export const SILENCE: Progress = {
  title: nothing,
  begin: nothing,
  transfer: nothing,
  done: nothing,
  success: nothing,
  note: nothing,
};

/**
 * What a workflow says: passed on at once, or kept to be said in one piece where several work at the same
 * time.
 */
export class Heard implements Progress {
  readonly notes: string[] = [];
  readonly #live: Progress | undefined;
  readonly #kept: ((to: Progress) => void)[] = [];
  #begun = performance.now();

  constructor(live: Progress | undefined) {
    this.#live = live;
  }

  title(text: string): void {
    this.#say((to) => to.title(text));
  }

  begin(text: string): void {
    this.#begun = performance.now();
    this.#live?.begin(text);
  }

  transfer(what: string, sentBytes: number, totalBytes: number): void {
    this.#live?.transfer(what, sentBytes, totalBytes);
  }

  done(text: string): void {
    // It is said later than it is done.
    const tookMs = performance.now() - this.#begun;
    this.#begun = performance.now();
    this.#say((to) => to.done(text, tookMs));
  }

  success(text: string): void {
    this.#say((to) => to.success(text));
  }

  note(text: string): void {
    this.notes.push(text);
    this.#say((to) => to.note(text));
  }

  /** Says what was kept. */
  repeat(to: Progress): void {
    for (const say of this.#kept) say(to);
  }

  #say(say: (to: Progress) => void): void {
    if (this.#live === undefined) this.#kept.push(say);
    else say(this.#live);
  }
}
