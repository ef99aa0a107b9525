import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Domain } from '../../../../src/hypervisor/domain.ts';
import { snapshotXml } from '../../../../src/libvirt-xml/snapshot/write.ts';
import { readSnapshot } from '../../../../src/libvirt-xml/snapshot/read.ts';
import { thrownBy } from '../../vm/each-call.ts';
import { connectToTest } from '../test-driver.ts';

let connection: Awaited<ReturnType<typeof connectToTest>>;

beforeEach(async () => {
  connection = await connectToTest();
});

/** Each snapshot that libvirt gave is freed. */
afterEach(async () => {
  if ((await connection.close()) !== 0) throw new Error('something is left');
});

async function domain(): Promise<Domain> {
  const found = await connection.hypervisor.findDomain('test');
  if (found === undefined) throw new Error('the test driver has a domain');
  return found;
}

const OVERLAYS = new Map([['vda', '/new']]);

/** As plow has libvirt keep one. */
async function keep(vm: Domain, name: string, parent?: string): Promise<void> {
  const taken = { createdAt: 1_700_000_000, parent, domain: await vm.wholeDocument() };
  await vm.keepSnapshot(snapshotXml({ name, description: 'why', overlays: OVERLAYS }, taken));
}

async function callsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const before = connection.calls.length;
  await work();
  return connection.calls.slice(before).map(({ name }) => name);
}

describe('snapshots of a domain', () => {
  it('are none at first, which is told in one call', async () => {
    const vm = await domain();
    expect(await vm.snapshots()).toStrictEqual({ documents: [], current: undefined });
    expect(await callsOf(() => vm.snapshots())).toStrictEqual(['virDomainListAllSnapshots']);
  });

  it('are kept as they are handed over, and the last one is the current one', async () => {
    const vm = await domain();
    await keep(vm, 'one');
    await keep(vm, 'two', 'one');
    const { documents, current } = await vm.snapshots();
    expect(current).toBe('two');
    const records = documents.map(readSnapshot).toSorted((one, other) => one.name.localeCompare(other.name));
    expect(records).toMatchObject([
      { name: 'one', description: 'why', createdAt: 1_700_000_000, parent: undefined },
      { name: 'two', description: 'why', createdAt: 1_700_000_000, parent: 'one' },
    ]);
    expect(await vm.snapshotCount()).toBe(2);
    expect(await callsOf(() => vm.snapshots())).toStrictEqual([
      'virDomainListAllSnapshots',
      'virDomainSnapshotGetXMLDesc',
      'virDomainSnapshotGetXMLDesc',
      'virDomainSnapshotCurrent',
    ]);
  });

  it('that are not there are not forgotten', async () => {
    const vm = await domain();
    expect(await thrownBy(vm.forgetSnapshot('none'))).toMatchObject({
      name: 'HypervisorError',
      call: 'virDomainSnapshotLookupByName',
    });
  });

  it('that a driver cannot take are refused, and nothing is held', async () => {
    const vm = await domain();
    await keep(vm, 'one');
    const xml = snapshotXml({ name: 'new', description: undefined, overlays: OVERLAYS });
    for (const quiesce of [true, false])
      expect(await thrownBy(vm.takeSnapshot(xml, { quiesce }))).toMatchObject({ name: 'HypervisorError' });
    expect(await thrownBy(vm.forgetSnapshot('one'))).toMatchObject({ name: 'HypervisorError' });
    expect(await vm.snapshotCount()).toBe(1);
  });
});
