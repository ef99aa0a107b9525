/** Calls that have not ended, whether anyone still waits for them or not. */
export class UnderWay {
  /** With what libvirt reads and writes meanwhile: koffi keeps no hold of it. */
  readonly #calls = new Map<Promise<unknown>, unknown>();

  add(calling: Promise<unknown>, args: unknown): void {
    this.#calls.set(calling, args);
    const ended = (): boolean => this.#calls.delete(calling);
    calling.then(ended, ended);
  }

  async ended(): Promise<void> {
    await Promise.allSettled(this.#calls.keys());
  }
}
