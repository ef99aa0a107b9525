import koffi from 'koffi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Connection } from '../../../src/libvirt/connection/connection.ts';
import { TEST_URI } from '../../unit/libvirt/test-driver.ts';
import { tally } from '../tally.ts';
import { growth, growthPerRound, inWords, LEAK_PER_ROUND, measureMemory } from './native-memory.ts';
import type { Memory } from './native-memory.ts';
import { MOCK_WORKLOADS } from './workloads.ts';

/** Bytes, over all of it. Measured were 1 to 5 MiB; a document per call that is not freed would take 400. */
const MOST_RESIDENT = 12 * 2 ** 20;
/**
 * Measured were 0.1 to 1.3 MiB: each of the threads has an arena of its own, and what lies in it when depends
 * on the load. Where 100,000 calls leave the least that malloc gives, they leave 3 MiB.
 */
const MOST_MALLOC = 2 ** 21;
/** Measured were 0.1 to 0.4 MiB. */
const MOST_HEAP = 2 ** 20;
/** Times that everything is done until V8 has taken the memory it likes to have. */
const WARM_UPS = 3;

/** @returns calls */
async function doAll(): Promise<number> {
  let calls = 0;
  for (const work of Object.values(MOCK_WORKLOADS)) calls += await work();
  return calls;
}

describe('memory in use stays as it is', () => {
  let calls = 0;
  let before: Memory | undefined;

  beforeAll(async () => {
    for (let round = 0; round < WARM_UPS; round += 1) await doAll();
    before = await measureMemory();
  });

  afterAll(() => tally('libvirt calls for memory', calls));

  it.each(Object.entries(MOCK_WORKLOADS))('by %s', async (name, work) => {
    const grown = await growthPerRound(async () => {
      calls += await work();
    });
    console.log(`a round of ${name}: ${inWords(grown)}`);
    expect(grown.malloc).toBeLessThan(LEAK_PER_ROUND);
  });

  it('over all of it, more than 100,000 calls', async () => {
    if (before === undefined) throw new Error('beforeAll measured it');
    calls += await doAll();
    const grown = growth(before, await measureMemory());
    console.log(`${calls} calls: ${inWords(grown)}`);
    expect(grown.resident).toBeLessThan(MOST_RESIDENT);
    expect(grown.malloc).toBeLessThan(MOST_MALLOC);
    expect(grown.heap).toBeLessThan(MOST_HEAP);
    expect(calls).toBeGreaterThan(100_000);
  });
});

describe('a leak is seen', () => {
  const libvirt = koffi.load('libvirt.so.0');

  /** Has libvirt make a string for `count` times, and never frees it. */
  async function leak(count: number): Promise<void> {
    const leaky = libvirt.func('const char *virConnectGetURI(void *conn)') as (conn: bigint) => string;
    const connection = await Connection.open(TEST_URI);
    for (let call = 0; call < count; call += 1) leaky(connection.pointer);
    await connection.close();
  }

  it('of the few bytes of a URI per call, in a round of 500 calls', async () => {
    const grown = await growthPerRound(() => leak(500));
    console.log(`500 strings of 17 bytes that are not freed: ${inWords(grown)}`);
    expect(grown.malloc).toBeGreaterThan(LEAK_PER_ROUND);
  });

  it('of a document per call, in resident memory', async () => {
    const leaky = libvirt.func('const char *virConnectGetCapabilities(void *conn)') as (c: bigint) => string;
    const connection = await Connection.open(TEST_URI);
    const before = await measureMemory();
    for (let call = 0; call < 20_000; call += 1) leaky(connection.pointer);
    const grown = growth(before, await measureMemory());
    console.log(`20,000 documents that are not freed: ${inWords(grown)}`);
    expect(grown.resident).toBeGreaterThan(MOST_RESIDENT);
    await connection.close();
  });
});
