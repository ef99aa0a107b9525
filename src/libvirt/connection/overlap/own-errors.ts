import type { HypervisorError } from '../../../errors/hypervisor-error.ts';
import { failed } from '../calls.ts';

/** An error that was read after a call had failed. */
export interface ReadError {
  readonly error: HypervisorError;
  /** Whether it is that of the call for certain: known once all that might have written it have ended. */
  readonly isOwn: Promise<boolean>;
}

/** A call failed, and nobody can tell why: what was found as its error may be that of another. */
export class Doubtful extends Error {}

interface Begun {
  /** It is over. @param hasFailed and nobody has read its error */
  readonly ended: (hasFailed?: boolean) => void;
  /** It has failed. @param read takes the error out of the place for it, and leaves that empty */
  readonly failed: (read: () => HypervisorError) => ReadError;
}

/**
 * libvirt has one place for the error of a connection, so that of calls which overlap each may find that of
 * another there. Each that failed empties the place when it has read it: an error is its own unless a call
 * that was under way at that moment, and failed as well, came to an empty place, or read what was not its own
 * either. (As many were written as read then, and each was written before its call read.)
 */
export class OwnErrors {
  readonly #underWay = new Set<Promise<boolean>>();
  /** Calls under way that a guest may never answer. */
  #ofGuests = 0;

  /** One call that is under way beside others. @param read as of `failed` */
  async ofCall(
    call: () => Promise<unknown>,
    read: () => HypervisorError,
  ): Promise<{ readonly result: unknown; readonly error?: ReadError }> {
    const begun = this.#begin();
    try {
      const result = await call();
      if (failed(result)) return { result, error: begun.failed(read) };
      begun.ended();
      return { result };
    } finally {
      begun.ended(true);
    }
  }

  /** As ofCall, of a batch, in which nobody asks whose error it is. */
  async ofBatch(batch: () => Promise<readonly unknown[]>): Promise<readonly unknown[]> {
    const begun = this.#begin();
    try {
      const answers = await batch();
      begun.ended(answers.some(failed));
      return answers;
    } finally {
      begun.ended(true);
    }
  }

  /** One that nobody reads the error of once it is late, and that is not waited for to tell whose one is. */
  async ofGuest(call: () => Promise<unknown>): Promise<unknown> {
    this.#ofGuests += 1;
    try {
      return await call();
    } finally {
      this.#ofGuests -= 1;
    }
  }

  #begin(): Begun {
    const told = new Told();
    const { isOwn } = told;
    this.#underWay.add(isOwn);
    return {
      ended: (hasFailed = false) => {
        this.#underWay.delete(isOwn);
        told.tell(!hasFailed);
      },
      failed: (read) => {
        this.#underWay.delete(isOwn);
        const error = read();
        // These end later, so that none waits for itself.
        const others = [...this.#underWay];
        const isCertain = error.code !== 0 && this.#ofGuests === 0;
        told.tell(isCertain && Promise.all(others).then((all) => all.every(Boolean)));
        return { error, isOwn };
      },
    };
  }
}

/** Whether an error is a call's own, from when that is told; once for all. */
class Told {
  readonly isOwn: Promise<boolean>;
  #resolve: ((isOwn: boolean | Promise<boolean>) => void) | undefined;

  constructor() {
    this.isOwn = new Promise((resolve) => (this.#resolve = resolve));
  }

  tell(isOwn: boolean | Promise<boolean>): void {
    this.#resolve?.(isOwn);
  }
}
