import { describe, expect, it, vi } from 'vitest';
import { withPoolOn } from '../../../../src/vm/storage/directory-pool.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { failure } from '../fake/pieces.ts';

vi.mock('node:timers/promises', () => ({ setTimeout: async () => {} }));

function contextWithImages(): TestContext {
  const context = testContext();
  context.hypervisor.addDirectory('/images', 'base.qcow2');
  return context;
}

describe('a pool on a directory that plow looks into', () => {
  it('that is active is used and left alone', async () => {
    const context = contextWithImages();
    context.hypervisor.addPool('default', '/images', { active: true });
    expect(await withPoolOn('/images', context, async ({ name }) => name)).toBe('default');
    expect(context.hypervisor.calls).toStrictEqual(['findPoolByPath']);
  });

  it.each([
    ['that is stopped is started for the time', true],
    ['that is not there is made for the time', false],
  ])('%s', async (_, exists) => {
    const context = contextWithImages();
    if (exists) context.hypervisor.addPool('default', '/images', { active: false });
    const before = context.hypervisor.census();
    const names = await withPoolOn('/images', context, async (pool) => {
      expect(await pool.isActive()).toBe(true);
      return [pool.name, ...(await pool.volumeNames())];
    });
    const made = 'plow-lent-00000000-0000-4000-8000-000000000001';
    expect(names).toStrictEqual([exists ? 'default' : made, 'base.qcow2']);
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it.each([true, false])('goes again when the work fails (a pool is there: %s)', async (exists) => {
    const context = contextWithImages();
    if (exists) context.hypervisor.addPool('default', '/images', { active: false });
    const before = context.hypervisor.census();
    const work = withPoolOn('/images', context, () => Promise.reject(new Error('the work failed')));
    await expect(work).rejects.toThrow('the work failed');
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it('that does not stop is named, and the error of the work wins', async () => {
    const context = contextWithImages();
    context.hypervisor.addPool('default', '/images', { active: false });
    context.hypervisor.fault = (call) => (call === 'Pool.stop' ? 'other' : undefined);
    const work = withPoolOn('/images', context, () => Promise.reject(new Error('the work failed')));
    await expect(work).rejects.toThrow('the work failed');
    expect(context.progress.lines).toStrictEqual([
      'note: could not stop pool default: virsh pool-destroy default stops it',
    ]);
  });

  it('that another plow left behind is used and cleared away', async () => {
    const context = contextWithImages();
    const before = context.hypervisor.census();
    context.hypervisor.addPool('plow-lent-dead', '/images', { active: true, persistent: false });
    expect(await withPoolOn('/images', context, async ({ name }) => name)).toBe('plow-lent-dead');
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it('that another plow opens at the same moment is used', async () => {
    const context = contextWithImages();
    context.hypervisor.fault = (call) => {
      // Between our look and our own opening.
      if (call === 'startPool')
        context.hypervisor.addPool('plow-lent-other', '/images', { active: true, persistent: false });
      return undefined;
    };
    expect(await withPoolOn('/images', context, async ({ name }) => name)).toBe('plow-lent-other');
  });

  it.each(['not-found', 'busy'] as const)('that another plow stops (%s) is opened anew', async (reason) => {
    const context = contextWithImages();
    const pools: string[] = [];
    const result = await withPoolOn('/images', context, async ({ name }) => {
      pools.push(name);
      if (pools.length < 3) throw failure('virStorageVolLookupByName', reason);
      return 'done';
    });
    expect(result).toBe('done');
    expect(new Set(pools).size).toBe(3);
    expect(context.hypervisor.pools.size).toBe(0);
  });

  it('that is taken away for ever is an error in the end', async () => {
    const context = contextWithImages();
    let tries = 0;
    const work = withPoolOn('/images', context, async () => {
      tries += 1;
      throw failure('virStorageVolLookupByName', 'not-found');
    });
    await expect(work).rejects.toMatchObject({ reason: 'not-found' });
    expect(tries).toBe(20);
    expect(context.hypervisor.pools.size).toBe(0);
  });

  it.each([
    ['is not there', '/nosuch', 'startPool'],
    ['cannot be opened', '/images', 'startPool'],
  ])('on a directory that %s is an error of the hypervisor, and nothing is left', async (_, path, call) => {
    const context = contextWithImages();
    const before = context.hypervisor.census();
    context.hypervisor.fault = (name) => (name === call ? 'other' : undefined);
    await expect(withPoolOn(path, context, async () => {})).rejects.toMatchObject({
      name: 'HypervisorError',
      reason: 'other',
    });
    expect(context.hypervisor.census()).toStrictEqual(before);
  });
});
