/** Remembers one ring until somebody waits for it: what happens meanwhile is not lost. */
export class Bell {
  #isRung = false;
  #waiting: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#waiting?.();
  }

  async rung(): Promise<void> {
    if (!this.#isRung) await new Promise<void>((resolve) => (this.#waiting = resolve));
    this.#isRung = false;
  }
}
