import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Domain } from '../../../src/hypervisor/domain.ts';
import { connectToTest } from './test-driver.ts';

let connection: Awaited<ReturnType<typeof connectToTest>>;

async function domain(): Promise<Domain> {
  const found = await connection.hypervisor.findDomain('test');
  if (found === undefined) throw new Error('the test driver has a domain');
  return found;
}

beforeEach(async () => {
  connection = await connectToTest();
});

afterEach(async () => {
  if ((await connection.close()) !== 0) throw new Error('something is left');
});

describe('what libvirt knows of a domain', () => {
  it('is told, with the reason of its state', async () => {
    const running = await domain();
    expect(await running.status()).toMatchObject({
      state: 'running',
      active: true,
      vcpus: 2,
      memoryKib: 8_388_608,
      persistent: true,
      autostart: false,
      managedSave: false,
      snapshots: 0,
    });
    await running.forceOff();
    await running.start();
    expect(await running.status()).toMatchObject({ state: 'running', reason: 'booted' });
    await running.setAutostart(true);
    await running.shutdown(1000);
    expect(await (await domain()).status()).toMatchObject({
      state: 'shut off',
      reason: 'shutdown',
      active: false,
      autostart: true,
    });
  });

  it('is asked in one batch, with both documents', async () => {
    const found = await domain();
    const before = connection.calls.length;
    const { documents } = await found.status();
    const calls = connection.calls.slice(before);
    expect(calls.map(({ name }) => name).toSorted()).toStrictEqual([
      'virDomainGetAutostart',
      'virDomainGetInfo',
      'virDomainGetState',
      'virDomainGetXMLDesc',
      'virDomainGetXMLDesc',
      'virDomainHasManagedSaveImage',
      'virDomainIsPersistent',
      'virDomainSnapshotNum',
    ]);
    const lastStart = Math.max(...calls.map(({ start }) => start));
    expect(lastStart).toBeLessThan(Math.min(...calls.map(({ end }) => end)));
    expect(documents).toStrictEqual({ stored: await found.xml('stored'), live: await found.xml('live') });
  });

  it('is not told of one that went away, and why', async () => {
    const running = await domain();
    await running.forceOff();
    await running.undefine();
    await expect(running.status()).rejects.toMatchObject({
      reason: 'not-found',
      call: 'virDomainGetXMLDesc',
    });
  });

  it('lacks the sizes and the traffic of what there is not', async () => {
    const running = await domain();
    expect(await running.diskSizes([], 1000)).toStrictEqual({ sizes: new Map(), inTime: true });
    expect(await running.diskSizes(['vdx', 'vdy'], 1000)).toStrictEqual({ sizes: new Map(), inTime: true });
    expect(await running.bytesRead(1000)).toBeUndefined();
    expect(await running.traffic([])).toStrictEqual(new Map());
    expect(await running.traffic(['nosuch'])).toStrictEqual(new Map());
  });
});
