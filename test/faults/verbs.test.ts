import { afterEach, beforeEach, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { chosenOf, disturb } from './verb-matrix.ts';
import { SURROUNDINGS, VERBS } from './verbs.ts';

const host = useHost();

beforeEach(async () => {
  await host().sh(SURROUNDINGS.prepare);
});
afterEach(async () => {
  await host().sh(SURROUNDINGS.restore);
});

it('a verb with any one call that fails, or killed at any, is finished by the same command', async () => {
  expect(await disturb(host(), chosenOf(VERBS))).toEqual([]);
});
