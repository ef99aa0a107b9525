import type { Value } from '../show/details.ts';
import type { Cause, Verdict } from './words.ts';

/** Something in which a VM is not as its file says. */
export interface Change {
  /** As in a difference of show: `vcpus`, `disk vdb`...; `guest users`; `image`, `tags`, `expires`. */
  readonly what: string;
  /** As the file says it; null: there is to be none. Undefined, as the others, where it may be a secret. */
  readonly file: Value | undefined;
  /** As plow made it, as far as it said anything about it. */
  readonly made: Value | undefined;
  readonly stored: Value | undefined;
  /** Undefined where it does not run, or it is nothing that runs. */
  readonly live: Value | undefined;
  readonly verdict: Verdict;
  readonly cause: Cause;
  /** What is stored is what the file says: the VM has only not been started since. */
  readonly isPending: boolean;
}
