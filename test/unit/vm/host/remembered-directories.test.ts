import { describe, expect, it } from 'vitest';
import { PoolDirectories } from '../../../../src/vm/host/pool-directories.ts';
import { RememberedDirectories } from '../../../../src/vm/host/remembered-directories.ts';
import { testContext } from '../context.ts';
import type { FakeHypervisor } from '../fake-hypervisor.ts';

function remembered(): { directories: RememberedDirectories; hypervisor: FakeHypervisor } {
  const context = testContext();
  context.hypervisor.addDirectory('/images', 'a.qcow2', 'b.qcow2');
  return {
    directories: new RememberedDirectories(new PoolDirectories(context)),
    hypervisor: context.hypervisor,
  };
}

describe('directories that are remembered', () => {
  it('are looked into once for each file, and once for all that are not there', async () => {
    const { directories, hypervisor } = remembered();
    const look = (name: string): Promise<unknown> => directories.visit('/images', (view) => view.entry(name));
    expect(await look('a.qcow2')).toMatchObject({ format: 'qcow2' });
    for (const name of ['a.qcow2', 'nosuch', 'c.qcow2', 'b.qcow2']) await look(name);
    expect(await look('b.qcow2')).toMatchObject({ format: 'qcow2' });
    expect(await look('nosuch')).toBeUndefined();
    expect(hypervisor.calls.filter((call) => call === 'startPool')).toHaveLength(2);
    const names = directories.visit('/images', (view) => view.names());
    expect(await names).toStrictEqual(['a.qcow2', 'b.qcow2']);
    expect(hypervisor.calls.filter((call) => call === 'Pool.volumeNames')).toHaveLength(1);
  });

  it('are known not to be there after one look', async () => {
    const { directories, hypervisor } = remembered();
    const look = (): Promise<unknown> => directories.visit('/nosuch', (view) => view.entry('a'));
    expect([await look(), await look()]).toStrictEqual(['no-such-file', 'no-such-file']);
    expect(hypervisor.calls.filter((call) => call === 'startPool')).toHaveLength(1);
  });
});
