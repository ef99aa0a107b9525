import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { planPull } from '../../../../src/vm/pull/plan-pull.ts';
import type { PlannedPull } from '../../../../src/vm/pull/plan-pull.ts';
import { pullImage } from '../../../../src/vm/pull/pull.ts';
import type { WantedImage } from '../../../../src/vm/pull/wanted.ts';
import { whileTimePasses } from '../../time.ts';
import { host, PATH, tools, WANTED } from './pulled.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a dry run tells of it where WANTED was pulled before. */
async function planned(wanted: WantedImage): Promise<PlannedPull> {
  const context = host();
  await whileTimePasses(pullImage(WANTED, tools(), context));
  return whileTimePasses(planPull(wanted, tools(), context));
}

function verifiesNothing(): never {
  throw new Error('a plan verifies nothing');
}

describe('the plan of a pull', () => {
  it('finds the image that is there', async () => {
    expect(await planned(WANTED)).toMatchObject({ isThere: true, path: PATH });
  });

  it('takes no image that nobody has verified where a signature is wanted, as the pull does', async () => {
    expect(await planned({ ...WANTED, verification: verifiesNothing })).toMatchObject({ isThere: false });
  });

  it('tells another version apart, as the pull does', async () => {
    expect(await planned({ ...WANTED, version: '20260101' })).toMatchObject({ isThere: false });
  });
});
