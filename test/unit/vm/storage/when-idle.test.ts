import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Interrupted } from '../../../../src/errors/interrupted.ts';
import type { Pool } from '../../../../src/hypervisor/storage.ts';
import { whenIdle } from '../../../../src/vm/storage/when-idle.ts';
import { testContext } from '../context.ts';
import { failure } from '../fake/pieces.ts';

const clock = vi.hoisted(() => ({ now: 0 }));
vi.mock('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => {
    clock.now += milliseconds;
  },
}));

beforeEach(() => {
  clock.now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function pool(active = true): Pool {
  return { name: 'default', isActive: async () => active } as Pool;
}

/** Fails as a pool with jobs of others does, until that time. */
function busyUntil(time: number): () => Promise<string> {
  return async () => {
    if (clock.now < time) throw failure('refresh', 'busy');
    return `done at ${clock.now}`;
  };
}

describe('work on a pool with jobs of others', () => {
  it('is done once they are, with pauses that grow', async () => {
    const context = testContext();
    expect(await whenIdle(pool(), context, busyUntil(100))).toBe('done at 140');
    expect(context.progress.lines).toEqual([]);
  });

  it('tells a person who waits, once', async () => {
    const context = testContext();
    await whenIdle(pool(), context, busyUntil(60_000));
    expect(context.progress.lines).toEqual(['note: waiting for another job on pool default']);
  });

  it('is given up after ten minutes', async () => {
    await expect(whenIdle(pool(), testContext(), busyUntil(3_600_000))).rejects.toThrow('refresh failed');
    expect(clock.now).toBeGreaterThan(600_000);
    expect(clock.now).toBeLessThan(610_000);
  });

  it('is given up at once where the pool is stopped, or fails for another reason', async () => {
    await expect(whenIdle(pool(false), testContext(), busyUntil(100))).rejects.toThrow('refresh failed');
    const broken = Promise.reject(failure('refresh', 'other'));
    await expect(whenIdle(pool(), testContext(), () => broken)).rejects.toThrow('refresh failed');
    expect(clock.now).toBe(0);
  });

  it('ends with an interruption', async () => {
    const controller = new AbortController();
    controller.abort(new Interrupted('SIGINT'));
    const context = testContext({ signal: controller.signal });
    await expect(whenIdle(pool(), context, busyUntil(100))).rejects.toBeInstanceOf(Interrupted);
  });
});
