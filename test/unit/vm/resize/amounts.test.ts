import { expect, it } from 'vitest';
import { planAmount } from '../../../../src/vm/resize/amounts.ts';
import type { Amounts } from '../../../../src/vm/resize/amounts.ts';

const of = (now: number, most = now): Amounts => ({ now, most });

it.each<[string, number, Amounts, Amounts | undefined, readonly string[], string]>([
  ['more, of one that is off', 4, of(2), undefined, ['stored maximum 4', 'stored 4'], 'now'],
  ['less, of one that is off', 1, of(2), undefined, ['stored maximum 1'], 'now'],
  ['what it has', 2, of(2), of(2), [], 'now'],
  [
    'more, without room while it runs',
    4,
    of(2),
    of(2),
    ['stored maximum 4', 'stored 4'],
    'at the next start',
  ],
  ['more, with room while it runs', 4, of(2, 8), of(2, 8), ['stored 4', 'live 4'], 'now'],
  ['more than there is room', 9, of(2, 8), of(2, 8), ['stored maximum 9', 'stored 9'], 'at the next start'],
  [
    'less while it runs, of which a guest may not let go',
    1,
    of(2, 8),
    of(2, 8),
    ['stored 1'],
    'at the next start',
  ],
  ['what is stored and does not run yet', 4, of(4), of(2), [], 'at the next start'],
  ['what is half done', 4, of(2, 4), undefined, ['stored 4'], 'now'],
  ['what runs and is not stored', 2, of(4), of(2), ['stored maximum 2'], 'now'],
])('%s', (_, wanted, stored, live, changes, when) => {
  const plan = planAmount(wanted, stored, live);
  expect(plan.changes.map(({ amount, what }) => `${what} ${amount}`)).toStrictEqual(changes);
  expect(plan.when).toBe(when);
});
