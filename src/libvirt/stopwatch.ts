import type { FunctionName } from './abi.ts';

/** Told of each finished call, for `--verbose` and for tests that count round trips. */
export type CallObserver = (call: FunctionName, milliseconds: number) => void;

/** Runs only for who looks: node loads its clock with the first look at it. @returns milliseconds since */
export function stopwatch(observe: CallObserver | undefined): () => number {
  if (observe === undefined) return () => 0;
  const started = performance.now();
  return () => performance.now() - started;
}
