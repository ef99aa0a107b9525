import { appendFileSync } from 'node:fs';

/** What the tests of faults count; the run prints the sums at its end (scripts/faults.mjs). */
export type Counter =
  /** Runs in which a call was made to fail, and after which all was as it should be. */
  | 'calls covered'
  | 'kill points'
  | 'interruptions'
  | 'races run'
  | 'hangs'
  | 'YAMLs tried'
  | 'libvirt calls for memory'
  /** What was found where nothing may be left, before anything repaired it. */
  | 'leftovers found';

/** Adds to a sum of the whole run. Test files run in processes of their own, hence a file. */
export function tally(counter: Counter, count: number): void {
  const file = process.env['PLOW_FAULTS_TALLY'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ counter, count })}\n`);
}

/** True for every case there is; otherwise a sample that leaves time for the rest of the tests. */
export const ALL_CASES = process.env['PLOW_FAULTS'] === 'all';
