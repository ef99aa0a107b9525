import { describe, expect, it } from 'vitest';
import type { DomainStatistics } from '../../../../src/hypervisor/statistics.ts';
import { ratesOf } from '../../../../src/vm/top/rates.ts';
import { sortedRows } from '../../../../src/views/top/columns.ts';

const MEMORY = {
  maximumBytes: 4096,
  currentBytes: 2048,
  usableBytes: undefined,
  availableBytes: undefined,
  residentBytes: 700,
};

function vm(changes: Partial<DomainStatistics>): DomainStatistics {
  const name = changes.name ?? 'web';
  return {
    name,
    uuid: name,
    state: 'running',
    vcpus: 2,
    cpuSeconds: undefined,
    memory: MEMORY,
    interfaces: [],
    disks: [],
    ...changes,
  };
}

function disk(readBytes: number | undefined, writtenBytes: number): DomainStatistics['disks'][number] {
  return {
    target: 'vda',
    path: '/a',
    readBytes,
    reads: 0,
    readSeconds: 0,
    writtenBytes,
    writes: 0,
    writeSeconds: 0,
    capacityBytes: 0,
    takenBytes: 0,
  };
}

const look = (atMs: number, ...vms: readonly DomainStatistics[]) => ({ atMs, vms, isWhole: true });

describe('what a VM did between two looks', () => {
  it('is what it counted more, in a second', () => {
    const before = vm({ cpuSeconds: 10, disks: [disk(1000, 50), disk(0, 0)] });
    const now = vm({ cpuSeconds: 13, disks: [disk(3000, 50), disk(1000, 0)] });
    expect(ratesOf(look(1000, before), look(3000, now), 'hv1')).toMatchObject([
      {
        host: 'hv1',
        cpuPercent: 150,
        read: 1500,
        written: 0,
        received: 0,
        memory: { givenBytes: 2048, usedBytes: 700 },
      },
    ]);
  });

  it.each([
    ['there was no look before', undefined, vm({ cpuSeconds: 5 })],
    ['it was not there before', look(0), vm({ cpuSeconds: 5 })],
    ['it was started again', look(0, vm({ cpuSeconds: 9 })), vm({ cpuSeconds: 5 })],
    ['it was not told', look(0, vm({ cpuSeconds: 9 })), vm({ cpuSeconds: undefined })],
    ['no time went by', look(1000, vm({ cpuSeconds: 1 })), vm({ cpuSeconds: 5 })],
  ])('is not known where %s', (_, before, now) => {
    expect(ratesOf(before, look(1000, now), undefined)).toMatchObject([{ cpuPercent: undefined }]);
  });

  it('is not known of disks that nobody told of', () => {
    const now = vm({ disks: [disk(undefined, 5)] });
    expect(ratesOf(look(0, now), look(1000, now), undefined)).toMatchObject([
      { read: undefined, written: 0 },
    ]);
  });

  it('leaves out a VM that is off', () => {
    expect(ratesOf(undefined, look(0, vm({ state: 'shut off' })), undefined)).toStrictEqual([]);
  });

  it('takes the word of the guest for its memory', () => {
    const told = { ...MEMORY, availableBytes: 2000, usableBytes: 1500 };
    expect(ratesOf(undefined, look(0, vm({ memory: told })), undefined)).toMatchObject([
      { memory: { usedBytes: 500 } },
    ]);
  });
});

it('sorts by the most, names from A on, and what is not told last, both ways', () => {
  const [before, now] = [
    look(0, vm({ name: 'b', cpuSeconds: 0 }), vm({ name: 'c', cpuSeconds: 0 })),
    look(
      1000,
      vm({ name: 'b', cpuSeconds: 1 }),
      vm({ name: 'a', cpuSeconds: 1 }),
      vm({ name: 'c', cpuSeconds: 2 }),
    ),
  ];
  const rows = ratesOf(before, now, undefined);
  const names = (...order: Parameters<typeof sortedRows> extends [unknown, ...infer Rest] ? Rest : never) =>
    sortedRows(rows, ...order).map(({ name }) => name);
  expect(names('cpu')).toStrictEqual(['c', 'b', 'a']);
  expect(names('cpu', true)).toStrictEqual(['b', 'c', 'a']);
  expect(names('name')).toStrictEqual(['a', 'b', 'c']);
  expect(names('name', true)).toStrictEqual(['c', 'b', 'a']);
});
