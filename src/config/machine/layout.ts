import type { Topology } from './topology.ts';
import type { CpuSet } from '../values/layout/cpu-set.ts';
import type { HugepageSize } from '../values/layout/hugepages.ts';

/** How the CPUs and the memory of a VM are laid out, where its file says anything of that. */
export interface Layout {
  /** The most that can be plugged in while it runs; undefined: those that it has. */
  readonly vcpusMax: number | undefined;
  /** The most that the balloon can leave it; undefined: what it has. */
  readonly memoryMaxMib: number | undefined;
  /** As libvirt calls it, of the CPU mode `custom`. */
  readonly cpuModel: string | undefined;
  /** Its product is the most virtual CPUs. Undefined: a socket for each. */
  readonly topology: Topology | undefined;
  /** By virtual CPU, each once, ascending. */
  readonly pins: readonly Pin[];
  /** Where all of QEMU runs that is no virtual CPU; undefined: anywhere. */
  readonly emulatorCpus: CpuSet | undefined;
  /** What the guest sees as NUMA nodes; none: it sees one. */
  readonly cells: readonly NumaCell[];
  readonly hugepages: HugepageSize | undefined;
}

export interface Pin {
  readonly vcpu: number;
  /** CPUs of the hypervisor. */
  readonly cpus: CpuSet;
}

export interface NumaCell {
  /** Virtual CPUs. */
  readonly cpus: CpuSet;
  readonly memoryMib: number;
  /** Node of the hypervisor that its memory is of; undefined: any. */
  readonly hostNode: number | undefined;
}

interface Sized {
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly layout: Layout | undefined;
}

/** Those that a VM can have while it runs. */
export function mostVcpus({ vcpus, layout }: Sized): number {
  return layout?.vcpusMax ?? vcpus;
}

/** What a VM can have while it runs. */
export function mostMemoryMib({ memoryMib, layout }: Sized): number {
  return layout?.memoryMaxMib ?? memoryMib;
}

/** Undefined where it says nothing. */
export function orNone(layout: Layout): Layout | undefined {
  const { pins, cells, ...rest } = layout;
  const says = pins.length + cells.length > 0 || Object.values(rest).some((one) => one !== undefined);
  return says ? layout : undefined;
}
