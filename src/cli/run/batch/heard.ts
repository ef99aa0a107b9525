import { transferText } from '../../../terminal/plain-progress.ts';
import type { Progress } from '../../../vm/progress.ts';

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

/** For programs, and for who wants errors only, nothing but notes is said besides. */
export function progressFor(format: 'text' | 'json' | 'quiet', progress: Progress): Progress {
  return format === 'text' ? progress : { ...SILENCE, note: (text) => progress.note(text) };
}

/**
 * What a workflow says: passed on at once, or kept to be said in one piece where several work at the same
 * time.
 */
export class Heard implements Progress {
  readonly notes: string[] = [];
  readonly #live: Progress | undefined;
  readonly #kept: ((to: Progress) => void)[] = [];
  readonly #onStep: (text: string) => void;
  #begun = performance.now();

  /** @param live where nothing is kept @param onStep is told what is done now */
  constructor(live: Progress | undefined, onStep: (text: string) => void = nothing) {
    this.#live = live;
    this.#onStep = onStep;
  }

  title(text: string): void {
    this.#say((to) => to.title(text));
  }

  begin(text: string): void {
    this.#begun = performance.now();
    this.#onStep(text);
    this.#live?.begin(text);
  }

  transfer(...transferred: Parameters<Progress['transfer']>): void {
    this.#onStep(transferText(...transferred));
    this.#live?.transfer(...transferred);
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

/** Says of which host it is. */
export function atHost(host: string, to: Progress): Progress {
  const of = (text: string): string => `${host}: ${text}`;
  return {
    title: (text) => to.title(of(text)),
    begin: (text) => to.begin(of(text)),
    transfer: (what, ...bytes) => to.transfer(of(what), ...bytes),
    done: (text, tookMs) => to.done(of(text), tookMs),
    success: (text) => to.success(of(text)),
    note: (text) => to.note(of(text)),
  };
}
