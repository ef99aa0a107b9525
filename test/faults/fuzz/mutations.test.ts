import { afterAll, describe, expect, it } from 'vitest';
import { tally } from '../tally.ts';
import { checkDocuments } from './check.ts';
import { Feeder } from './feed.ts';
import { Judges } from './judges.ts';
import { mutant } from './mutator.ts';
import { COUNT, Random, REPEAT, SEED } from './seed.ts';

const CASES = Math.ceil(COUNT * 0.7);
/** After that many the rest is likely the same. */
const MOST_FAILURES = 5;
/** Of a file that fails. */
const SHOWN_CHARACTERS = 2000;

const feeder = new Feeder();
afterAll(() => feeder.close());

describe('mutations of the examples', () => {
  it(`are refused with fit words or make sound documents (${REPEAT})`, async () => {
    const judges = new Judges();
    const failures: string[] = [];
    let accepted = 0;
    let tried = 0;
    for (; tried < CASES && failures.length < MOST_FAILURES; tried += 1) {
      const bytes = mutant(new Random(SEED, tried));
      try {
        const documents = await feeder.feed(bytes);
        if (documents !== undefined) {
          accepted += 1;
          checkDocuments(documents);
          judges.add(documents, `case ${tried}`);
        }
      } catch (error) {
        failures.push(`case ${tried}, ${String(error)}, of ${quoted(bytes)}`);
      }
    }
    failures.push(...(await judges.verdicts()));
    tally('YAMLs tried', tried);
    expect(failures.slice(0, MOST_FAILURES), `repeat with ${REPEAT}`).toStrictEqual([]);
    // Without enough of both the test says little.
    expect(accepted / CASES).toBeGreaterThan(0.25);
    expect(accepted / CASES).toBeLessThan(0.75);
    console.log(`${REPEAT}: of ${CASES} mutations ${accepted} accepted`);
  });
});

function quoted(bytes: Buffer): string {
  const text = JSON.stringify(bytes.toString('latin1').slice(0, SHOWN_CHARACTERS));
  return `${bytes.length} bytes (latin1) ${text}`;
}
