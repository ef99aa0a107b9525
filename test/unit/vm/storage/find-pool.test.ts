import { describe, expect, it } from 'vitest';
import { Exporter } from '../../../../src/vm/export/export-vm.ts';
import { destroyVm } from '../../../../src/vm/destroy/destroy.ts';
import { usersOfFiles } from '../../../../src/vm/ownership/used-files.ts';
import { stopLentPools, withPoolOn } from '../../../../src/vm/storage/directory-pool.ts';
import { amongPools, findAnyPoolByPath } from '../../../../src/vm/storage/find-pool.ts';
import { lookAt } from '../../../../src/vm/storage/find-volume.ts';
import { fullMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { contextWith } from '../export/vms.ts';

const PLACES = ['a', 'b', 'c', 'd'];

function withPools(context = testContext()): TestContext {
  for (const name of PLACES) {
    context.hypervisor.addDirectory(`/${name}`, 'x.qcow2');
    context.hypervisor.addPool(name, `/${name}`, { active: true });
  }
  return context;
}

describe('of all pools', () => {
  it('the one on a directory is kept, and no other', async () => {
    const { hypervisor } = withPools();
    const found = await findAnyPoolByPath(hypervisor, '/b');
    expect([found?.name, hypervisor.held]).toStrictEqual(['b', 1]);
    found?.[Symbol.dispose]();
    expect(await findAnyPoolByPath(hypervisor, '/nosuch')).toBeUndefined();
    expect(hypervisor.held).toBe(0);
  });

  it('none is kept where the work fails', async () => {
    const { hypervisor } = withPools();
    const work = amongPools(hypervisor, () => Promise.reject(new Error('the work failed')));
    await expect(work).rejects.toThrow('the work failed');
    expect(hypervisor.held).toBe(0);
  });
});

const VOLUMES = PLACES.map((name) => `<disk type='volume'><source pool='${name}' volume='x.qcow2'/></disk>`);
const DOCUMENT = `<domain><name>other</name><devices>${VOLUMES.join('')}</devices></domain>`;

describe('nothing is held after', () => {
  it.each<[string, (context: TestContext) => Promise<unknown>]>([
    [
      'a look into a directory',
      (context) =>
        withPoolOn('/images/my-vm', context, async (pool) => {
          using found = await lookAt(pool, 'nosuch', context);
          return found;
        }),
    ],
    ['a look for pools that others left', (context) => stopLentPools(context)],
    [
      'a look for users of files',
      (context) => {
        context.hypervisor.addDomain('other', DOCUMENT, 'shut off');
        return usersOfFiles('uuid', new Set(['x.qcow2']), context);
      },
    ],
    [
      'an export, but for the VM',
      async (context) => {
        const { domain } = await new Exporter(context).export('my-vm');
        expect(context.hypervisor.held).toBe(1);
        domain[Symbol.dispose]();
      },
    ],
    ['a destroy', (context) => destroyVm('my-vm', context)],
  ])('%s', async (_, work) => {
    const context = withPools(contextWith(fullMachine({ name: 'my-vm' })));
    await work(context);
    expect(context.hypervisor.calls.length).toBeGreaterThan(0);
    expect(context.hypervisor.held).toBe(0);
  });
});
