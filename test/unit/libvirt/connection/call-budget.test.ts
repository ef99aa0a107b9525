import { describe, expect, it } from 'vitest';
import { CallBudget } from '../../../../src/libvirt/connection/call-budget.ts';
import type { Turns } from '../../../../src/libvirt/connection/call-budget.ts';
import { OVERLAP } from '../../../../src/libvirt/connection/concurrency.ts';
import { lookedAt } from '../../vm/listed.ts';
import { connectToMany, mostAtOnce } from '../test-driver.ts';

/** A batch that asks for so many turns at once. */
function batch(budget: CallBudget, most: number, calls: number): { readonly turns: Turns; underWay: number } {
  const turns = budget.enter(most);
  const state = { turns, underWay: 0 };
  for (let call = 0; call < calls; call += 1) void turns.begin().then(() => (state.underWay += 1));
  return state;
}

/** What may begin has begun. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function end(one: { readonly turns: Turns; underWay: number }): void {
  one.underWay -= 1;
  one.turns.end();
}

describe('the budget of calls', () => {
  it('is all for one batch that is alone', async () => {
    const one = batch(new CallBudget(), 128, 200);
    await settled();
    expect(one.underWay).toBe(128);
  });

  it('is that of the batch that may have the most, and each has one', async () => {
    const budget = new CallBudget();
    const near = batch(budget, 16, 16);
    const far = batch(budget, 128, 128);
    const late = batch(budget, 128, 128);
    await settled();
    expect([near.underWay, far.underWay, late.underWay]).toStrictEqual([16, 112, 1]);
  });

  it('goes to whoever has the fewest', async () => {
    const budget = new CallBudget();
    const first = batch(budget, 8, 100);
    const second = batch(budget, 8, 100);
    for (let call = 0; call < 20; call += 1) {
      await settled();
      end(first.underWay > 0 ? first : second);
    }
    await settled();
    expect(first.underWay + second.underWay).toBe(8);
    expect(Math.abs(first.underWay - second.underWay)).toBeLessThanOrEqual(1);
  });

  it('is free again when a batch is over, whatever of it never ends, as far as koffi goes', async () => {
    const budget = new CallBudget();
    const hung = batch(budget, 128, 200);
    await settled();
    hung.turns.leave();
    await settled();
    expect(hung.underWay).toBe(200);
    for (let call = 128; call < 200; call += 1) end(hung);
    const next = batch(budget, 128, 128);
    await settled();
    expect(next.underWay).toBe(240 - 128);
    const last = batch(budget, 128, 128);
    await settled();
    expect(last.underWay).toBe(1);
  });
});

it('two connections that list at the same time have together no more calls under way than one', async () => {
  const connections = await Promise.all([connectToMany(600), connectToMany(600)]);
  const lists = await Promise.all(connections.map(({ hypervisor }) => lookedAt(hypervisor)));
  for (const rows of lists) expect(rows.filter(({ xml }) => xml !== undefined)).toHaveLength(600);
  const batches = connections.flatMap(({ calls }) =>
    calls.filter(({ name }) => name === 'virDomainGetXMLDesc'),
  );
  const most = mostAtOnce(batches);
  expect(most).toBeGreaterThan(OVERLAP.far / 2);
  // A batch that comes when there is no room has one call nevertheless.
  expect(most).toBeLessThanOrEqual(OVERLAP.far + 1);
  expect(await Promise.all(connections.map(({ close }) => close()))).toStrictEqual([0, 0]);
});
