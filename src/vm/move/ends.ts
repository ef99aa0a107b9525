import type { VmContext } from '../context.ts';
import type { NewHasher } from '../image-store/bytes.ts';

/** One of the two hypervisors of a move. */
export interface End {
  /** As the settings call it, or its URI. */
  readonly name: string;
  readonly context: VmContext;
}

/** The two of them, and what a move needs besides. */
export interface Ends {
  readonly from: End;
  readonly to: End;
  readonly newHasher: NewHasher;
}

/** What came of a VM that was moved. */
export interface MovedVm {
  readonly name: string;
  readonly uuid: string;
  readonly addresses: readonly string[];
  /** What was not removed where it was, and why. */
  readonly left: ReadonlyMap<string, string>;
}
