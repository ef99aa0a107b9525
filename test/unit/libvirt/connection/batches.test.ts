import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as native from '../../../../src/libvirt/abi/native.ts';
import type { Pointer } from '../../../../src/libvirt/abi/native.ts';
import { Connection } from '../../../../src/libvirt/connection/connection.ts';
import { TEST_URI } from '../test-driver.ts';

/** A call of a batch, which ends as the test says. */
interface UnderWay {
  readonly domain: unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

const OVERLAP = 2;
/** What batches ask here; it never gets to libvirt. */
const QUESTION = 'virDomainGetXMLDesc';
/** More than the calls that koffi takes at a time. */
const MANY = 256;

const state = vi.hoisted(() => ({
  /** Names of calls that free or close something. */
  ended: [] as string[],
  made: [] as UnderWay[],
  hasNames: true,
}));

vi.mock(import('../../../../src/libvirt/abi/native.ts'), async (original): Promise<typeof native> => {
  const real = await original();
  return {
    ...real,
    callLocal: (name, ...args) => {
      if (name === 'virDomainFree') state.ended.push(name);
      if (name === 'virDomainGetName' && !state.hasNames) throw new Error('no such symbol');
      return real.callLocal(name, ...args);
    },
    callAsync: (name, ...args) => {
      if (name === 'virConnectClose') state.ended.push(name);
      if (name !== QUESTION) return real.callAsync(name, ...args);
      return new Promise((resolve, reject) => {
        state.made.push({ domain: args[0], resolve, reject });
      });
    },
  };
});

let connection: Connection;

beforeEach(async () => {
  Object.assign(state, { ended: [], made: [], hasNames: true });
  connection = await Connection.open(TEST_URI, { overlap: OVERLAP, observe: () => {} });
});

afterEach(async () => {
  const leaked = await connection.close();
  if (leaked !== 0) throw new Error(`${leaked} references are left`);
});

function domains(count: number): Promise<readonly Pointer<'virDomain'>[]> {
  const found = Array.from({ length: count }, () =>
    connection.callObject('virDomain', 'virDomainLookupByName', connection.pointer, 'test'),
  );
  return Promise.all(found);
}

/** What may go on without libvirt has done so. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function batch(asked: readonly Pointer<'virDomain'>[]): Promise<readonly unknown[]> {
  return connection.callBatch(
    QUESTION,
    asked.map((domain) => [domain, 0]),
  );
}

function batchWithin(
  asked: readonly Pointer<'virDomain'>[],
  begun = (): void => {},
): Promise<readonly unknown[]> {
  return connection.callBatchWithin(
    10_000,
    QUESTION,
    asked.map((domain) => ({ args: [domain, 0], begun, ended: (answer) => answer })),
  );
}

function fail(): never {
  throw new Error('own');
}

describe('a batch of which a call cannot be made', () => {
  it.each<[string, (other: UnderWay) => void]>([
    ['is answered', ({ resolve }) => resolve('<domain/>')],
    ['fails too', ({ reject }) => reject(new Error('another error'))],
  ])('keeps its objects until the other under way %s, and begins no more', async (_, end) => {
    const asked = await domains(4);
    // As its callers do, whether it fails or not.
    const asking = batch(asked).finally(() => asked.map((domain) => connection.free(domain)));
    const told = asking.catch((error: unknown) => error);
    await vi.waitUntil(() => state.made.length === OVERLAP);
    const [other, first] = state.made;
    first?.reject(new Error('too many calls'));
    await settled();
    const closing = connection.close();
    await settled();
    expect(state.ended).toStrictEqual([]);
    if (other !== undefined) end(other);
    expect(await told).toStrictEqual(new Error('too many calls'));
    expect(await closing).toBe(0);
    expect(state.made.map(({ domain }) => domain)).toStrictEqual(asked.slice(0, OVERLAP));
    expect(state.ended).toStrictEqual([...asked.map(() => 'virDomainFree'), 'virConnectClose']);
  });
});

describe('batches that fail before a call is made leave room for others,', () => {
  it('where the call has no name', async () => {
    const asked = await domains(OVERLAP);
    state.hasNames = false;
    for (let nth = 0; nth < MANY; nth += 1)
      await expect(batch(asked.slice(0, 1))).rejects.toThrow('no such symbol');
    state.hasNames = true;
    const asking = batch(asked);
    await settled();
    expect(state.made).toHaveLength(OVERLAP);
    for (const { resolve } of state.made) resolve('<domain/>');
    expect(await asking).toStrictEqual(['<domain/>', '<domain/>']);
  });

  it('where the caller fails, of guests', async () => {
    const asked = await domains(OVERLAP);
    for (let nth = 0; nth < MANY; nth += 1)
      await expect(batchWithin(asked.slice(0, 1), fail)).rejects.toThrow('own');
    const asking = batchWithin(asked);
    await settled();
    expect(state.made).toHaveLength(OVERLAP);
    for (const { resolve } of state.made) resolve('<domain/>');
    expect(await asking).toStrictEqual(['<domain/>', '<domain/>']);
  });
});
