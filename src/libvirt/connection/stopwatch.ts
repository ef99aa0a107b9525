import type { FunctionName } from '../abi/functions.ts';
import { subjectOf } from './call-subject.ts';
import type { NativeValue } from '../abi/native.ts';

/**
 * Told of each finished call, for `--verbose` and for tests that count round trips. @param about what
 * subjectOf says of it
 */
export type CallObserver = (call: FunctionName, milliseconds: number, about: string) => void;

/**
 * Runs only for who looks: node loads its clock with the first look at it.
 * @returns what tells the observer that the call ended
 */
export function timing(
  observe: CallObserver | undefined,
  call: FunctionName,
  args: readonly NativeValue[],
): () => void {
  if (observe === undefined) return () => {};
  // Objects may be gone when it ends.
  const about = subjectOf(call, args);
  const started = performance.now();
  return () => observe(call, performance.now() - started, about);
}
