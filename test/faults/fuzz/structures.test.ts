import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { tally } from '../tally.ts';
import { checkDocuments } from './check.ts';
import { config, writer } from './configs.ts';
import { Feeder } from './feed.ts';
import { Judges } from './judges.ts';
import { COUNT, REPEAT, SEED } from './seed.ts';

const CASES = Math.floor(COUNT * 0.3);

const feeder = new Feeder();
afterAll(() => feeder.close());

describe('configurations with every text that may be allowed', () => {
  it(`are refused with fit words or make sound documents (${REPEAT})`, async () => {
    const judges = new Judges();
    let accepted = 0;
    const property = fc.asyncProperty(config, writer, async (content, write) => {
      const text = write(content);
      const documents = await feeder.feed(text);
      if (documents === undefined) return;
      accepted += 1;
      checkDocuments(documents);
      judges.add(documents, JSON.stringify(text));
    });
    await fc.assert(property, { seed: SEED, numRuns: CASES });
    tally('YAMLs tried', CASES);
    const verdicts = await judges.verdicts();
    expect(verdicts.slice(0, 5), `repeat with ${REPEAT}`).toStrictEqual([]);
    // Without enough of both the test says little.
    expect(accepted / CASES).toBeGreaterThan(0.25);
    expect(accepted / CASES).toBeLessThan(0.9);
    console.log(`${REPEAT}: of ${CASES} structures ${accepted} accepted`);
  });
});
