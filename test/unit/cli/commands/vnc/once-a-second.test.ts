import { expect, it } from 'vitest';
import { onceASecond } from '../../../../../src/cli/commands/vnc/once-a-second.ts';

it('tells each thing once in a second, however often it happens', () => {
  const told: string[] = [];
  let now = 5;
  const tell = onceASecond(
    (text) => told.push(`${now} ${text}`),
    () => now,
  );
  for (; now < 2505; now += 1) {
    tell('a');
    if (now % 2 === 0) tell('b');
  }
  expect(told).toEqual(['5 a', '6 b', '1005 a', '1006 b', '2005 a', '2006 b']);
});
