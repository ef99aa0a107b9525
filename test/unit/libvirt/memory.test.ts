import { expect, it } from 'vitest';
import { HypervisorError } from '../../../src/errors/hypervisor-error.ts';
import { hostMemory } from '../../../src/libvirt/host/memory.ts';
import type { Pointer } from '../../../src/libvirt/abi/native.ts';

/** A libvirt that tells these amounts of KiB, and refuses to be asked for more or fewer. */
function libvirtWith(stats: Readonly<Record<string, number>>): {
  readonly pointer: Pointer<'virConnect'>;
  readonly asked: number[];
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;
} {
  const asked: number[] = [];
  const known = Object.entries(stats);
  return {
    pointer: undefined as unknown as Pointer<'virConnect'>,
    asked,
    async call(name, _pointer, _cell, entries, count) {
      const numbers = count as number[];
      asked.push(numbers[0] ?? -1);
      if (numbers[0] === 0) {
        numbers[0] = known.length;
        return 0;
      }
      if (numbers[0] !== known.length) {
        throw new HypervisorError('nparams in virHostMemGetStatsLinux must be 5', {
          reason: 'other',
          call: name,
          code: 8,
          domain: 0,
        });
      }
      for (const [index, [field, kib]] of known.entries()) {
        (entries as Buffer).write(field, index * 88);
        (entries as Buffer).writeBigUInt64LE(BigInt(kib), index * 88 + 80);
      }
      return 0;
    },
  };
}

it('what libvirt counts until 12.2 is asked for once', async () => {
  const libvirt = libvirtWith({ total: 1000, free: 100, buffers: 20, cached: 3 });
  expect(await hostMemory(libvirt)).toStrictEqual({ totalBytes: 1_024_000, availableBytes: 123 * 1024 });
  expect(libvirt.asked).toStrictEqual([4]);
});

it('libvirt 12.3, which counts more and refuses the old number, is asked how many', async () => {
  const libvirt = libvirtWith({ total: 1000, free: 100, buffers: 20, cached: 3, available: 500 });
  expect(await hostMemory(libvirt)).toStrictEqual({ totalBytes: 1_024_000, availableBytes: 500 * 1024 });
  expect(libvirt.asked).toStrictEqual([4, 0, 5]);
});
