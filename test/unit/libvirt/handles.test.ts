import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Domain } from '../../../src/hypervisor/domain.ts';
import type { Hypervisor } from '../../../src/hypervisor/hypervisor.ts';
import type * as native from '../../../src/libvirt/abi/native.ts';
import { Connection } from '../../../src/libvirt/connection/connection.ts';
import { connectToTest, poolDocument, volumeDocument } from './test-driver.ts';

/** What goes to libvirt: the end of each round trip, and local calls that free something. */
const log = vi.hoisted((): string[] => []);

vi.mock(import('../../../src/libvirt/abi/native.ts'), async (original): Promise<typeof native> => {
  const real = await original();
  return {
    ...real,
    callLocal: (name, ...args) => {
      if (name.endsWith('Free')) log.push(name);
      return real.callLocal(name, ...args);
    },
    callAsync: async (name, ...args) => {
      const answer = await real.callAsync(name, ...args);
      if (name !== 'virEventRunDefaultImpl') log.push(name);
      return answer;
    },
  };
});

let open: Awaited<ReturnType<typeof connectToTest>>;
let hypervisor: Hypervisor;

beforeEach(async () => {
  open = await connectToTest();
  ({ hypervisor } = open);
});

afterEach(async () => {
  await open.close();
});

async function anyDomain(): Promise<Domain> {
  const domain = await hypervisor.findDomain('test');
  if (domain === undefined) throw new Error('libvirt has it');
  return domain;
}

describe('what is disposed of', () => {
  it('is freed before the connection closes, without a round trip', async () => {
    const pool = await hypervisor.startPool(poolDocument('my-pool'), { build: false });
    const volume = await pool.createVolume(volumeDocument('a'));
    const domain = await anyDomain();
    await pool.stop();
    log.length = 0;
    for (const each of [volume, pool, domain]) each[Symbol.dispose]();
    expect(log).toStrictEqual(['virStorageVolFree', 'virStoragePoolFree', 'virDomainFree']);
    expect(await open.close()).toBe(0);
    expect(log.filter((name) => name.endsWith('Free'))).toHaveLength(3);
  });

  it('is freed once: another object may have its address by then', async () => {
    const free = vi.spyOn(Connection.prototype, 'free');
    const domain = await anyDomain();
    domain[Symbol.dispose]();
    domain[Symbol.dispose]();
    expect(free).toHaveBeenCalledTimes(1);
    free.mockRestore();
  });

  it.each<[string, (domain: Domain) => Promise<unknown>]>([
    ['a call', (domain) => domain.xml('stored')],
    ['a call that waits for others', (domain) => Promise.all([hypervisor.capabilities(), domain.state()])],
    ['a batch', (domain) => domain.status()],
    ['several calls', (domain) => domain.setMetadata('<vm/>', { prefix: 'p', uri: 'urn:p' })],
    ['batches', (domain) => domain.seenAddresses({ askAgent: true, withinMs: 10_000 })],
  ])('lives on while there is %s under way with it', async (_, work) => {
    const domain = await anyDomain();
    log.length = 0;
    const working = work(domain);
    domain[Symbol.dispose]();
    await working;
    expect(log.indexOf('virDomainFree')).toBe(log.length - 1);
    expect(log.length).toBeGreaterThan(1);
  });

  it('is not asked for anything afterwards', async () => {
    const domain = await anyDomain();
    domain[Symbol.dispose]();
    await expect(domain.state()).rejects.toThrow('after it was released');
    expect(domain.name).toBe('test');
  });

  it('may be so when the connection is closed', async () => {
    const domain = await anyDomain();
    expect(await open.close()).toBe(0);
    log.length = 0;
    domain[Symbol.dispose]();
    expect(log).toStrictEqual([]);
  });
});

it('a list that is disposed of twice frees its domains once', async () => {
  const list = await hypervisor.listDomains({ activeOnly: false });
  log.length = 0;
  list[Symbol.dispose]();
  list[Symbol.dispose]();
  expect(log).toStrictEqual(['virDomainFree']);
});
