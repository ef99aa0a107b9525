import type { HypervisorError } from '../../../errors/hypervisor-error.ts';
import type { FunctionName } from '../../abi/functions.ts';
import { SingleCalls } from '../call-budget.ts';
import { Doubtful, OwnErrors } from './own-errors.ts';

/** How a connection makes a call beside others. */
export interface BesideWays {
  readonly ask: () => Promise<unknown>;
  /** Takes the error of the connection out of its place. */
  readonly read: () => HypervisorError;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Calls of a connection that overlap. */
export class Beside {
  readonly #most: number;
  readonly #errors = new OwnErrors();
  readonly #singles = new SingleCalls();
  /** Those that may be made once more. */
  readonly #twice = new Set<Promise<unknown>>();

  /** @param most of them at a time */
  constructor(most: number) {
    this.#most = most;
  }

  /** @throws HypervisorError, Doubtful */
  async once(name: FunctionName, { ask, read, inTurn }: BesideWays): Promise<unknown> {
    const beside = (): ReturnType<OwnErrors['ofCall']> =>
      this.#singles.run(this.#most, () => this.#errors.ofCall(ask, read));
    const { result, error } = await inTurn(beside);
    if (error === undefined) return result;
    throw (await error.isOwn) ? error.error : new Doubtful(name);
  }

  /** What comes of `first`, and where that is doubtful of `again`. */
  twice(first: Promise<unknown>, again: () => Promise<unknown>): Promise<unknown> {
    const both = first.catch((error: unknown) => {
      if (!(error instanceof Doubtful)) throw error;
      return again();
    });
    this.#twice.add(both);
    return both.finally(() => this.#twice.delete(both));
  }

  /** A batch, in which nobody asks whose error it is. */
  ofBatch(batch: () => Promise<readonly unknown[]>): Promise<readonly unknown[]> {
    return this.#errors.ofBatch(batch);
  }

  /** A call that may go on, unseen, beside whatever comes after it. */
  ofGuest(call: () => Promise<unknown>): Promise<unknown> {
    return this.#errors.ofGuest(call);
  }

  /** When none that was asked for so far is made once more. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#twice);
  }
}
