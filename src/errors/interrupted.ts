export type InterruptSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** 128 and the signal's number, as shells report it. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const satisfies Record<
  InterruptSignal,
  number
>;

/**
 * The user, or the system, asked plow to stop. Thrown at the next safe point, so that work is rolled back.
 */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;
  readonly #signal: InterruptSignal;
  /** How things stand, in words. */
  readonly outcome: string | undefined;

  /** @param outcome how things stand now, in words */
  constructor(signal: InterruptSignal, outcome?: string) {
    super(outcome === undefined ? `interrupted by ${signal}` : `interrupted by ${signal}: ${outcome}`);
    this.exitCode = EXIT_CODES[signal];
    this.#signal = signal;
    this.outcome = outcome;
  }

  /** With how things stand now, unless that is told already. */
  with(outcome: string): Interrupted {
    return new Interrupted(this.#signal, this.outcome ?? outcome);
  }
}
