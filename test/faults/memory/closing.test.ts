import { lookedAt } from '../../unit/vm/listed.ts';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/libvirt/connect.ts';
import type { Hypervisor } from '../../../src/hypervisor/hypervisor.ts';
import {
  connectToMany,
  connectToTest,
  domainDocument,
  poolDocument,
  TEST_URI,
  volumeDocument,
} from '../../unit/libvirt/test-driver.ts';

type Work = (hypervisor: Hypervisor) => Promise<unknown>;

const list: Work = (hypervisor) => lookedAt(hypervisor);

async function usePoolAndVolumes(hypervisor: Hypervisor): Promise<string> {
  const pool = await hypervisor.startPool(poolDocument('my-pool'), { build: false });
  const volume = await pool.createVolume(volumeDocument('a'));
  const copy = await pool.cloneVolume(volumeDocument('b'), volume);
  const found = await pool.findVolume('b');
  const names = await pool.volumeNames();
  await volume.upload(new Uint8Array(10)).catch(() => undefined);
  await volume.delete();
  return [pool.name, copy.name, found?.name, ...names].join(' ');
}

/** What is done, and words of what comes of it. */
const WORKS: readonly (readonly [string, Work, string])[] = [
  ['findDomain', (hypervisor) => hypervisor.findDomain('test'), '"name":"test"'],
  ['findDomain in vain', async (hypervisor) => [await hypervisor.findDomain('nosuch')], '[null]'],
  ['defineDomain', (hypervisor) => hypervisor.defineDomain(domainDocument('my-vm')), '"name":"my-vm"'],
  ['findInterface', (hypervisor) => hypervisor.findInterface('eth1'), "<interface type='ethernet'"],
  ['listInterfaces', (hypervisor) => hypervisor.listInterfaces(), '"name":"eth1"'],
  ['capabilities', (hypervisor) => hypervisor.capabilities(), '<capabilities>'],
  ['libvirtVersion', (hypervisor) => hypervisor.libvirtVersion(), '000'],
  ['diskUsages', (hypervisor) => hypervisor.diskUsages(), '[]'],
  ['listPools', (hypervisor) => hypervisor.listPools(), '"name":"default-pool"'],
  ['domainDocuments', (hypervisor) => hypervisor.domainDocuments(), '"name":"test"'],
  ['watchDomains', (hypervisor) => hypervisor.watchDomains('everything'), '{}'],
  ['listDomains', list, '"name":"test"'],
  ['a pool and volumes', usePoolAndVolumes, 'my-pool b b '],
];

interface Closed {
  readonly outcome: string;
  readonly references: number;
  /** The work was over before that many calls. */
  readonly over: boolean;
}

async function outcomeOf(working: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await working);
  } catch (error) {
    return String(error);
  }
}

/**
 * Does the work and closes as soon as that many of its calls have ended, before anyone hears of the last one.
 */
async function closeAfter(count: number, work: Work): Promise<Closed> {
  let ended = -1;
  const closing: Promise<number | undefined>[] = [];
  const close = (): void => void closing.push(open.close());
  const open = await connect(TEST_URI, {
    observe: () => {
      ended += 1;
      if (ended > 0 && ended === count) close();
    },
  });
  const working = outcomeOf(work(open.hypervisor));
  if (count === 0) close();
  const outcome = await working;
  const over = closing.length === 0;
  if (over) close();
  return { outcome, references: (await closing[0]) ?? Number.NaN, over };
}

describe('a connection that closes', () => {
  it.each(WORKS)('before, between and after the calls of %s frees all', async (_, work, words) => {
    for (let count = 0, over = false; !over; count += 1) {
      const closed = await closeAfter(count, work);
      const refused = /^Error: vir\w+ was called on a closed connection$/u.test(closed.outcome);
      expect({ count, ...closed, outcome: refused ? words : closed.outcome }).toMatchObject({
        count,
        outcome: expect.stringContaining(words),
        references: 0,
      });
      ({ over } = closed);
    }
  });

  it('finishes the calls that wait in line', async () => {
    const { hypervisor, close } = await connectToTest();
    const finding = Array.from({ length: 5000 }, (_, index) =>
      hypervisor.findDomain(index % 2 === 0 ? 'test' : 'nosuch'),
    );
    const closing = close();
    const names = (await Promise.all(finding)).map((domain) => domain?.name);
    expect(names).toStrictEqual(Array.from({ length: 5000 }, (_, index) => ['test', undefined][index % 2]));
    expect(await closing).toBe(0);
    await expect(hypervisor.findDomain('test')).rejects.toThrow(
      'virDomainLookupByName was called on a closed connection',
    );
  });

  it('finishes a batch that is under way', async () => {
    const { hypervisor, calls, close } = await connectToMany(300);
    const listing = list(hypervisor).catch(String);
    while (!calls.some(({ name }) => name === 'virDomainGetXMLDesc')) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect(await close()).toBe(0);
    expect(calls.filter(({ name }) => name === 'virDomainGetXMLDesc')).toHaveLength(300);
    expect(await listing).toMatch(/was called on a closed connection$/u);
  });

  it('closes once, however often it is asked to', async () => {
    const { close } = await connectToTest();
    expect(await Promise.all([close(), close()])).toStrictEqual([0, 0]);
    expect(await close()).toBe(0);
  });
});
