import type { Machine } from '../../config/machine.ts';
import { mostMemoryMib } from '../../config/machine/layout.ts';
import { GIB, MIB } from '../../text/units.ts';
import { whereSupported } from '../../errors/hypervisor-error.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';

/**
 * Complains of more memory than the hypervisor has, and notes more than is free.
 * @throws PlowError (operation, connection)
 */
export async function inspectMemory(machine: Machine, inspection: Inspection): Promise<void> {
  const { name, layout } = machine;
  const { context, report, notChecked } = inspection;
  const looking = whereSupported(inspection.questions.memory());
  const memory = await explaining(looking, 'operation', 'cannot look at the memory of the hypervisor');
  if (memory === undefined) {
    notChecked({ check: 'memory', why: 'libvirt does not tell how much there is' });
    return;
  }
  const wanted = mostMemoryMib(machine) * MIB;
  if (wanted > memory.totalBytes) {
    const text = `${inGib(wanted)} is more than the hypervisor has (${inGib(memory.totalBytes)})`;
    report([wanted === machine.memoryMib * MIB ? 'memory_gib' : 'memory_max_gib'], text);
  } else if (wanted > memory.availableBytes && layout?.hugepages === undefined) {
    const free = inGib(memory.availableBytes);
    context.progress.note(
      `the hypervisor has ${free} of memory free, and VM '${name}' may take ${inGib(wanted)}`,
    );
  }
}

function inGib(bytes: number): string {
  return `${Number((bytes / GIB).toFixed(2))} GiB`;
}
