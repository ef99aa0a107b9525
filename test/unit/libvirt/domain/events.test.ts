import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DomainWatch } from '../../../../src/hypervisor/events.ts';
import { Connection } from '../../../../src/libvirt/connection/connection.ts';
import { lookedAt } from '../../vm/listed.ts';
import { connectToMany, connectToTest, domainDocument } from '../test-driver.ts';

afterEach(() => void vi.useRealTimers());

async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await sleep(1);
}

/** What a watch tells as it comes, as `my-vm started`. */
function heard(watch: DomainWatch): { readonly words: string[]; readonly ended: Promise<void> } {
  const words: string[] = [];
  const listening = async (): Promise<void> => {
    for await (const { name, kind } of watch) words.push(`${name} ${kind}`);
  };
  return { words, ended: listening() };
}

describe('watching domains', () => {
  it('tells of each change which domain and what, and of nothing else', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const { hypervisor, calls, close } = await connectToTest();
    const { words, ended } = heard(await hypervisor.watchDomains('everything'));
    const before = calls.length;
    await vi.advanceTimersByTimeAsync(600_000);
    expect({ words, calls: calls.length - before }).toStrictEqual({ words: [], calls: 0 });
    const domain = await hypervisor.defineDomain(domainDocument('my-vm'));
    await domain.start();
    await domain.forceOff();
    await domain.undefine();
    await until(() => words.length >= 4);
    expect(await close()).toBe(0);
    await ended;
    expect(words).toStrictEqual(['my-vm defined', 'my-vm started', 'my-vm stopped', 'my-vm undefined']);
  });

  it('tells the UUID', async () => {
    const { hypervisor, close } = await connectToTest();
    const watch = await hypervisor.watchDomains('states');
    const { uuid } = await hypervisor.defineDomain(domainDocument('my-vm'));
    for await (const event of watch) {
      expect(event).toStrictEqual({ name: 'my-vm', uuid, kind: 'defined' });
      break;
    }
    expect(await close()).toBe(0);
  });

  it('misses none of thousands while other calls are under way', async () => {
    const { hypervisor, close } = await connectToMany(20);
    const { words } = heard(await hypervisor.watchDomains('everything'));
    const domain = await hypervisor.defineDomain(domainDocument('my-vm'));
    const lists = Array.from({ length: 50 }, () => lookedAt(hypervisor));
    for (let round = 0; round < 1000; round += 1) {
      await domain.start();
      await domain.forceOff();
    }
    await Promise.all(lists);
    await until(() => words.length >= 2001);
    expect(words.filter((word) => word === 'my-vm started')).toHaveLength(1000);
    expect(words.filter((word) => word === 'my-vm stopped')).toHaveLength(1000);
    expect(await close()).toBe(0);
  });

  it('has ended when its connection is closed, also with changes on their way', async () => {
    for (let round = 0; round < 200; round += 1) {
      const { hypervisor, close } = await connectToMany(1);
      const { words, ended } = heard(await hypervisor.watchDomains('everything'));
      const domain = await hypervisor.defineDomain(domainDocument('my-vm'));
      await domain.start();
      expect(await close()).toBe(0);
      await ended;
      expect(words.length).toBeLessThanOrEqual(2);
    }
  });

  it('may be done by many, who are told each for itself until they leave, and is asked for once', async () => {
    const { hypervisor, calls, close } = await connectToTest();
    const asked = (): number =>
      calls.filter(({ name }) => name === 'virConnectDomainEventRegisterAny').length;
    const left = await hypervisor.watchDomains('states');
    expect(asked()).toBe(1);
    const leaving = heard(left);
    const all = [left, await hypervisor.watchDomains('everything'), await hypervisor.watchDomains('states')];
    const staying = all.slice(1).map(heard);
    const before = asked();
    expect(before).toBe(10);
    left[Symbol.dispose]();
    await leaving.ended;
    await hypervisor.watchDomains('everything');
    expect(asked()).toBe(before);
    await hypervisor.defineDomain(domainDocument('my-vm'));
    await until(() => staying.every(({ words }) => words.length === 1));
    expect(leaving.words).toStrictEqual([]);
    expect(await close()).toBe(0);
  });

  it('is asked for anew after a refusal', async () => {
    const { hypervisor, close } = await connectToTest();
    const refusal = vi
      .spyOn(Connection.prototype, 'callNumber')
      .mockRejectedValueOnce(new Error('no events'));
    await expect(hypervisor.watchDomains('states')).rejects.toThrow('no events');
    refusal.mockRestore();
    const { words } = heard(await hypervisor.watchDomains('states'));
    await hypervisor.defineDomain(domainDocument('my-vm'));
    await until(() => words.length === 1);
    expect(await close()).toBe(0);
  });
});
