import type { Duplex } from 'node:stream';
import { Trouble } from './failure.ts';

/**
 * All sockets of one request, and what ends them: whoever aborts, or silence while plow waits. While nobody
 * waits, as where the taker is slow, silence is as it should be.
 */
export class Line {
  readonly #signal: AbortSignal;
  readonly #stallMs: number;
  readonly #held = new Set<Duplex>();
  #why: Error | undefined;

  constructor(signal: AbortSignal, stallMs: number) {
    this.#signal = signal;
    this.#stallMs = stallMs;
    signal.throwIfAborted();
    signal.addEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => {
    this.#end();
  };

  /** Its sockets end with it. */
  hold<Held extends Duplex>(socket: Held): Held {
    this.#held.add(socket);
    // Whoever waits is told by other ways; without a listener it would be nobody's error.
    socket.on('error', () => {});
    return socket;
  }

  /** Waits for what the other side does. @throws why the line ended, where it did */
  async waits<T>(work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#why = new Trouble(`nothing came for ${this.#stallMs / 1000} seconds`);
      this.#end();
    }, this.#stallMs);
    try {
      return await work;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw this.#why ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Nothing of it is left. */
  end(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#end();
  }

  #end(): void {
    for (const socket of this.#held) socket.destroy();
  }
}
