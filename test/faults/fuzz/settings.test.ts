import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../src/config/settings/load.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { tally } from '../tally.ts';
import { checkLines } from './feed.ts';
import { mutant } from './mutator.ts';
import { COUNT, Random, REPEAT, SEED } from './seed.ts';

const CASES = Math.ceil(COUNT * 0.1);

const EXAMPLE = readFileSync(new URL('../../../examples/config/plow.yaml', import.meta.url), 'utf8');

/** True for a file that is taken. @throws Error where plow does not answer as it should */
function taken(text: string): boolean {
  try {
    loadSettings('plow.yaml', text);
    return true;
  } catch (error) {
    if (!(error instanceof PlowError) || error.kind !== 'config') throw error;
    checkLines('plow.yaml', error.message.split('\n'));
    return false;
  }
}

describe('mutations of a settings file', () => {
  it(`are taken, or refused with fit words (${REPEAT})`, () => {
    const failures: string[] = [];
    let accepted = 0;
    for (let index = 0; index < CASES && failures.length < 5; index += 1) {
      const text = mutant(new Random(SEED, index), [EXAMPLE]).toString();
      try {
        if (taken(text)) accepted += 1;
      } catch (error) {
        failures.push(`case ${index}, ${String(error)}, of ${JSON.stringify(text.slice(0, 2000))}`);
      }
    }
    tally('YAMLs tried', CASES);
    expect(failures, `repeat with ${REPEAT}`).toStrictEqual([]);
    // Without enough of both the test says little.
    expect(accepted / CASES).toBeGreaterThan(0.1);
    expect(accepted / CASES).toBeLessThan(0.9);
  });
});
