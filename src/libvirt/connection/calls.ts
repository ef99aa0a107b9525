import type { FunctionName } from '../abi/functions.ts';
import type { NativeValue } from '../abi/native.ts';

/** One of many calls that do not wait for each other. */
export type Call = readonly [name: FunctionName, ...args: NativeValue[]];

/** A call that a guest may leave without an answer. */
export interface GuestQuestion<T> {
  readonly args: readonly NativeValue[];
  readonly begun: () => void;
  /**
   * Makes something of the answer, undefined for a failure; also of one that comes too late, to free what it
   * holds.
   */
  readonly ended: (answer: unknown) => T;
}

/** A failed call returns NULL, or a negative number. */
export function failed(result: unknown): boolean {
  return result === null || (typeof result === 'number' && result < 0);
}

/** What virStreamRecvFlags says where the next bytes are none but a hole. */
export const AT_HOLE = -3;

/** As `failed`, of a call that may say so by a number of its own. */
export function failedIn(name: FunctionName, result: unknown): boolean {
  return failed(result) && !(name === 'virStreamRecvFlags' && result === AT_HOLE);
}

/** Has what a call has given freed when its connection closes. */
export type Take = (given: unknown) => unknown;

/** A call to be made. */
export interface Asked {
  readonly name: FunctionName;
  readonly args: readonly NativeValue[];
  /** Where it gives objects. */
  readonly take?: Take;
}
