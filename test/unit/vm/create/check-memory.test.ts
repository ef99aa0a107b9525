import { describe, expect, it } from 'vitest';
import { inspectMemory } from '../../../../src/vm/create/check-memory.ts';
import { minimalMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import { inspectionOf } from '../inspection.ts';
import type { Told } from '../inspection.ts';

const GIB = 2 ** 30;

/** What is said of a VM with 8 GiB, on a hypervisor with that much. */
async function inspect(totalGib: number, availableGib: number): Promise<readonly string[]> {
  const context = testContext();
  context.hypervisor.hostMemory = { totalBytes: totalGib * GIB, availableBytes: availableGib * GIB };
  const told: Told = { diagnostics: [], notChecked: [] };
  await inspectMemory(minimalMachine({ memoryMib: 8192 }), inspectionOf(context, told));
  return [...told.diagnostics, ...context.progress.lines];
}

describe('the memory of a VM', () => {
  it('that is free is not worth a word', async () => {
    expect(await inspect(8, 8)).toStrictEqual([]);
  });

  it('that is there and not free is noted', async () => {
    expect(await inspect(16, 7.5)).toStrictEqual([
      "note: the hypervisor has 7.5 GiB of memory free, and VM 'my-vm' may take 8 GiB",
    ]);
  });

  it('that the hypervisor does not have is refused', async () => {
    expect(await inspect(7.75, 2)).toStrictEqual([
      'memory_gib: 8 GiB is more than the hypervisor has (7.75 GiB)',
    ]);
  });

  it('is not checked where libvirt does not tell, and any other answer is an error', async () => {
    const context = testContext();
    const told: Told = { diagnostics: [], notChecked: [] };
    context.hypervisor.fault = () => 'unsupported';
    await inspectMemory(minimalMachine(), inspectionOf(context, told));
    expect(told.notChecked).toStrictEqual([
      { check: 'memory', why: 'libvirt does not tell how much there is' },
    ]);
    context.hypervisor.fault = () => 'other';
    await expect(inspectMemory(minimalMachine(), inspectionOf(context))).rejects.toMatchObject({
      kind: 'operation',
      message: 'cannot look at the memory of the hypervisor',
    });
  });
});
