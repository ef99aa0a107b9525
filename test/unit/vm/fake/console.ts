import type { SerialConsole } from '../../../../src/hypervisor/domain.ts';

/** A guest that says what it was given to say, and then waits, fails or stops. */
export class FakeConsole implements SerialConsole {
  typed = '';
  isDisposed = false;
  readonly #says: readonly string[];
  readonly #then: 'waits' | 'stops' | Error;
  #over: () => void = () => {};

  constructor(says: readonly string[] = [], then: 'waits' | 'stops' | Error = 'stops') {
    this.#says = says;
    this.#then = then;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for (const words of this.#says) yield Buffer.from(words);
    if (this.#then instanceof Error) throw this.#then;
    if (this.#then === 'waits' && !this.isDisposed)
      await new Promise<void>((resolve) => (this.#over = resolve));
  }

  async send(bytes: Uint8Array): Promise<void> {
    this.typed += Buffer.from(bytes).toString();
  }

  [Symbol.dispose](): void {
    this.isDisposed = true;
    this.#over();
  }
}
