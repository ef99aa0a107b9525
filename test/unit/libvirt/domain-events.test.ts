import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LIST_TABLE } from '../vm/listed.ts';
import { connectToTest, domainDocument } from './test-driver.ts';

describe('watching domains', () => {
  it('tells of what happens, once for what happens together, and of nothing else', async () => {
    const { hypervisor, calls, close } = await connectToTest();
    let changes = 0;
    const watch = await hypervisor.watchDomains(() => void (changes += 1));
    const before = calls.length;
    await sleep(500);
    expect({ changes, calls: calls.length - before }).toStrictEqual({ changes: 0, calls: 0 });
    const domain = await hypervisor.defineDomain(domainDocument('my-vm'));
    await domain.start();
    await sleep(500);
    expect(changes).toBeGreaterThan(0);
    expect(changes).toBeLessThanOrEqual(2);
    changes = 0;
    await domain.forceOff();
    await sleep(500);
    expect(changes).toBe(1);
    await watch.stop();
    await domain.undefine();
    await sleep(500);
    expect(changes).toBe(1);
    expect(await close()).toBe(0);
  });

  it('survives a storm of events while other calls are under way', async () => {
    const { hypervisor, close } = await connectToTest();
    let changes = 0;
    const watch = await hypervisor.watchDomains(() => void (changes += 1));
    const domain = await hypervisor.defineDomain(domainDocument('my-vm'));
    for (let round = 0; round < 300; round += 1) {
      await domain.start();
      await Promise.all([domain.forceOff(), hypervisor.listDomains(LIST_TABLE)]);
    }
    await sleep(300);
    expect(changes).toBeGreaterThan(0);
    await watch.stop();
    expect(await close()).toBe(0);
  });

  it('leaves nothing behind, however often it begins and ends', async () => {
    const { hypervisor, close } = await connectToTest();
    for (let round = 0; round < 50; round += 1) await (await hypervisor.watchDomains(() => {})).stop();
    expect(await close()).toBe(0);
  });

  it('may be left to the end of the connection', async () => {
    const { hypervisor, close } = await connectToTest();
    await hypervisor.watchDomains(() => {});
    await hypervisor.defineDomain(domainDocument('my-vm'));
    expect(await close()).toBeGreaterThanOrEqual(0);
  });
});
