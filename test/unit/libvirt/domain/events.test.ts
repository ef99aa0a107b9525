import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { lookedAt } from '../../vm/listed.ts';
import { connectToMany, connectToTest, domainDocument } from '../test-driver.ts';

async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await sleep(1);
}

describe('watching domains', () => {
  it('tells of each change, and of nothing else', async () => {
    const { hypervisor, calls, close } = await connectToTest();
    let changes = 0;
    await hypervisor.watchDomains(() => void (changes += 1));
    const before = calls.length;
    await sleep(500);
    expect({ changes, calls: calls.length - before }).toStrictEqual({ changes: 0, calls: 0 });
    const domain = await hypervisor.defineDomain(domainDocument('my-vm'));
    await until(() => changes === 1);
    await domain.start();
    await until(() => changes === 2);
    await domain.forceOff();
    await until(() => changes === 3);
    await domain.undefine();
    await until(() => changes === 4);
    await sleep(100);
    expect(changes).toBe(4);
    expect(await close()).toBe(0);
  });

  it('misses none of thousands while other calls are under way', async () => {
    const { hypervisor, close } = await connectToMany(20);
    let changed = false;
    await hypervisor.watchDomains(() => void (changed = true));
    const domain = await hypervisor.defineDomain(domainDocument('my-vm'));
    const lists = Array.from({ length: 50 }, () => lookedAt(hypervisor));
    for (let round = 0; round < 1000; round += 1) {
      await domain.start();
      await until(() => changed);
      changed = false;
      await domain.forceOff();
      await until(() => changed);
      changed = false;
    }
    await Promise.all(lists);
    expect(await close()).toBe(0);
  });

  it('has ended when its connection is closed, also with changes on their way', async () => {
    for (let round = 0; round < 200; round += 1) {
      const { hypervisor, close } = await connectToMany(1);
      let isClosed = false;
      await hypervisor.watchDomains(() => {
        if (isClosed) throw new Error('told after the end');
      });
      const domain = await hypervisor.defineDomain(domainDocument('my-vm'));
      await domain.start();
      expect(await close()).toBe(0);
      isClosed = true;
    }
  });

  it('is one for each connection', async () => {
    const { hypervisor, close } = await connectToTest();
    await hypervisor.watchDomains(() => {});
    await expect(hypervisor.watchDomains(() => {})).rejects.toThrow('event callback already tracked');
    expect(await close()).toBe(0);
  });
  it('of states is asked for anew after a refusal', async () => {
    const { hypervisor, calls, close } = await connectToTest();
    await hypervisor.watchDomains(() => {});
    const asked = (): number =>
      calls.filter(({ name }) => name === 'virConnectDomainEventRegisterAny').length;
    const before = asked();
    for (let times = 1; times <= 2; times += 1) {
      await expect(hypervisor.watchStates(() => {})).rejects.toThrow('event callback already tracked');
      expect(asked() - before).toBe(times);
    }
    expect(await close()).toBe(0);
  });
});
