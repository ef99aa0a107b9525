/**
 * The kinds of failure a user can meet, each with the exit code of the process.
 * README's table is checked against this one by a test.
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

export interface FailureDetails {
  /** What to do next, as one sentence or command. */
  readonly hint?: string;
  /** Text for `--verbose` only, libvirt's own words above all. */
  readonly detail?: string;
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

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.hint = details.hint;
    this.detail = details.detail;
  }

  get exitCode(): number {
    return EXIT_CODES[this.kind];
  }
}
