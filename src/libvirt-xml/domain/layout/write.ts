import { mostMemoryMib, mostVcpus } from '../../../config/machine/layout.ts';
import type { Layout } from '../../../config/machine/layout.ts';
import type { SettledMachine } from '../../../config/settle.ts';
import type { Machine, VirtType } from '../../../config/machine.ts';
import { cpuSetText } from '../../../config/values/layout/cpu-set.ts';
import { literal } from '../../literal.ts';
import type { Element } from '../devices/device.ts';
import { addMemoryBacking } from './memory-backing.ts';

/**
 * How much memory a VM can have, and has: the rest the balloon holds. DIMMs, which libvirt could plug in,
 * need NUMA nodes and slots, and a guest must give them back whole.
 */
export function addMemory(domain: Element, machine: Machine): void {
  domain.ele('memory', { unit: 'MiB' }).txt(String(mostMemoryMib(machine)));
  if (machine.layout?.memoryMaxMib !== undefined)
    domain.ele('currentMemory', { unit: 'MiB' }).txt(String(machine.memoryMib));
  addMemoryBacking(domain, machine);
}

/** Virtual CPUs, where they run, and of which node of the hypervisor their memory is. */
export function addVcpus(domain: Element, machine: Machine): void {
  const { vcpus, layout } = machine;
  const current = layout?.vcpusMax === undefined || layout.vcpusMax === vcpus ? {} : { current: vcpus };
  domain.ele('vcpu', { placement: 'static', ...current }).txt(String(mostVcpus(machine)));
  if (layout === undefined) return;
  addPins(domain, layout);
  const bound = [...layout.cells.entries()].filter(([, { hostNode }]) => hostNode !== undefined);
  if (bound.length === 0) return;
  const tune = domain.ele('numatune');
  for (const [cellid, { hostNode }] of bound)
    tune.ele('memnode', { cellid, mode: 'strict', nodeset: String(hostNode) });
}

function addPins(domain: Element, { pins, emulatorCpus }: Layout): void {
  if (pins.length === 0 && emulatorCpus === undefined) return;
  const tune = domain.ele('cputune');
  for (const { vcpu, cpus } of pins) tune.ele('vcpupin', { vcpu, cpuset: cpuSetText(cpus) });
  if (emulatorCpus !== undefined) tune.ele('emulatorpin', { cpuset: cpuSetText(emulatorCpus) });
}

/** How it runs, as far as that matters for its CPUs. */
export interface CpuPlacement {
  readonly virtType: VirtType;
  /** On the processor itself guests see no threads unless they are told of the feature that says so. */
  readonly hidesThreads?: boolean | undefined;
}

/** https://libvirt.org/formatdomain.html#cpu-model-and-topology */
export function addCpu(
  domain: Element,
  { cpuMode, layout }: SettledMachine,
  { virtType, hidesThreads = false }: CpuPlacement,
): void {
  const cpu = domain.ele('cpu', { mode: cpuMode });
  if (layout === undefined) return;
  const { cpuModel, topology, cells } = layout;
  // A hypervisor that does not have it refuses the VM, and gives it no other one in silence.
  if (cpuModel !== undefined) cpu.ele('model', { fallback: 'forbid' }).txt(literal(cpuModel));
  if (topology !== undefined) {
    const { sockets, dies, cores, threads } = topology;
    cpu.ele('topology', { sockets, dies, cores, threads });
    if (threads > 1 && hidesThreads && virtType === 'kvm')
      cpu.ele('feature', { policy: 'require', name: 'topoext' });
  }
  if (cells.length === 0) return;
  const numa = cpu.ele('numa');
  for (const [id, { cpus, memoryMib }] of cells.entries())
    numa.ele('cell', { id, cpus: cpuSetText(cpus), memory: memoryMib, unit: 'MiB' });
}
