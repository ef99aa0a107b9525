/** Where a command's words go. Made in main.ts, the only file that touches `process`. */
export interface Output {
  /** Data and results, to stdout. */
  print(text: string): void;
  /** Words about the work, to stderr. */
  say(text: string): void;
  /** What was done, as a sentence: told on stderr should stdout turn out to take no more. */
  accomplished(what: string): void;
  /** Ends once stdout takes no more: its reader went away, or its disk is full. */
  readonly lost: Promise<void>;
  /** True when stdout is a terminal. */
  readonly interactive: boolean;
  /**
   * True when colours are wanted: as `--color` says, else in a terminal without NO_COLOR.
   * https://no-color.org
   */
  readonly color: boolean;
  /** Stream that a spinner draws on. */
  readonly stream: NodeJS.WritableStream;
}
