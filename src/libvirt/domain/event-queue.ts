import type { DomainEvent, DomainWatch } from '../../hypervisor/events.ts';

/** Events that one watch has not taken yet. */
export class EventQueue implements DomainWatch {
  readonly #forget: () => void;
  #waiting: DomainEvent[] = [];
  #error: unknown;
  #isOver = false;
  #wake: () => void = () => {};

  /** @param broken fails when nothing will come any more @param forget called when nobody listens any more */
  constructor(broken: Promise<never>, forget: () => void) {
    this.#forget = forget;
    broken.catch((error: unknown) => {
      this.#error = error;
      this.#wake();
    });
  }

  add(event: DomainEvent): void {
    this.#waiting.push(event);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<DomainEvent, void> {
    while (!this.#isOver) {
      yield* this.#waiting.splice(0);
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#waiting.length > 0 || this.#isOver) resolve();
      });
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#forget();
    this.#wake();
  }
}
