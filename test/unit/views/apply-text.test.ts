import { describe, expect, it } from 'vitest';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { planQuestion, planSummary, surplusLine } from '../../../src/views/apply/text.ts';
import type { PlanCounts } from '../../../src/views/apply/text.ts';

const NONE: PlanCounts = { created: 0, changed: 0, restarted: 0, destroyed: [], same: 0, refused: 0 };

describe('what plow apply asks', () => {
  it.each<[Partial<PlanCounts>, string | undefined]>([
    [{ same: 3, refused: 1 }, undefined],
    [{ created: 1 }, 'Make 1 VM? [y/N] '],
    [{ changed: 2, restarted: 1 }, 'Change 2 VMs, of which 1 is off for a while? [y/N] '],
    [{ destroyed: ['old'] }, 'Destroy 1 VM: old? [y/N] '],
    [
      { created: 1, changed: 2, destroyed: ['old', 'hv2:a\u001B'] },
      'Make 1 VM and change 2 VMs, and destroy 2 VMs: old, hv2:a\uFFFD? [y/N] ',
    ],
  ])('of %j', (counts, question) => {
    expect(planQuestion({ ...NONE, ...counts })).toBe(question);
  });

  it('names what goes in its summary', () => {
    expect(planSummary({ ...NONE, destroyed: ['old'], same: 2 })).toBe(
      'plan: 1 to destroy, 2 left as they are',
    );
  });

  it('tells of each VM that has no file any more what becomes of it', () => {
    const old = { name: 'old', uuid: 'u', fleet: 'shop', kept: undefined };
    expect(surplusLine(old, undefined)).toBe("VM 'old' has no file any more: it will be destroyed");
    const kept = { word: 'protected', error: new PlowError('operation', 'it is') };
    expect(surplusLine({ ...old, kept }, 'hv2')).toBe(
      "hv2: VM 'old' has no file any more: it stays, as it is protected",
    );
  });
});
