/**
 * The kinds of failure a user can meet, each with the exit code of the process.
 * The table in docs/output-formats.md is checked against this one by a test.
 */
export const EXIT_CODES = {
  /** The command line or a file cannot be read or parsed. */
  config: 1,
  /** A well-formed file breaks a rule, or asks for what the hypervisor does not have. */
  validation: 2,
  /** libvirt cannot be loaded, reached or used with these rights. */
  connection: 3,
  /** An operation on a VM failed. */
  operation: 4,
  /** An operation on a pool, volume or file failed. */
  storage: 5,
} as const;

export type FailureKind = keyof typeof EXIT_CODES;

/** Something wrong with a file, as data. */
export interface FileMistake {
  /** Undefined where no file says it. */
  readonly file?: string | undefined;
  /** From 1; undefined where the whole file is meant. */
  readonly line?: number | undefined;
  /** From 1, in UTF-16 code units. */
  readonly column?: number | undefined;
  /** `network_interfaces[0].ip` */
  readonly key?: string | undefined;
  readonly message: string;
}

export interface FailureDetails {
  /** What to do next, as one sentence or command. */
  readonly hint?: string;
  /**
   * Somebody else's own words, libvirt's above all: the last line of them is always shown, all with
   * `--verbose`.
   */
  readonly detail?: string;
  /** What `message` has a line each for. */
  readonly mistakes?: readonly FileMistake[];
  readonly cause?: unknown;
}

/**
 * A failure that is not a bug: shown to the user without a stack.
 * `message` may hold several lines, one per mistake.
 */
export class PlowError extends Error {
  override readonly name = 'PlowError';
  readonly kind: FailureKind;
  readonly hint: string | undefined;
  readonly detail: string | undefined;
  readonly mistakes: readonly FileMistake[];

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.hint = details.hint;
    this.detail = details.detail;
    this.mistakes = details.mistakes ?? [];
  }

  get exitCode(): number {
    return EXIT_CODES[this.kind];
  }
}

/** The first of those whose exit code is highest: what a command over many things ends with. */
export function gravestOf<Failed>(
  failures: readonly Failed[],
  errorOf: (failure: Failed) => PlowError,
): Failed | undefined {
  return failures.toSorted((one, other) => errorOf(other).exitCode - errorOf(one).exitCode)[0];
}
