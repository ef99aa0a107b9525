import type { XmlElement } from './parse.ts';

/** CPUs and memory of a hypervisor. https://libvirt.org/formatcaps.html */
export interface HostTopology {
  /** None where libvirt does not say. */
  readonly nodes: readonly HostNode[];
  /** Of huge pages in KiB, ascending: those that its kernel knows. */
  readonly hugepageKib: readonly number[];
  /** Guests on the processor itself see no threads unless they have the CPU feature topoext. */
  readonly hidesThreads: boolean;
}

export interface HostNode {
  readonly id: number;
  /** Of those that are switched on. */
  readonly cpus: readonly number[];
  readonly memoryKib: number | undefined;
}

const SMALL_PAGE_KIB = 64;
/** AMD, and the one that makes the same. */
const HIDING = /^(?:AMD|Hygon)$/u;

export function readHostTopology(capabilities: XmlElement): HostTopology {
  const cpu = capabilities.first('host', 'cpu');
  const sizes = cpu?.children('pages').map((one) => Number(one.attribute('size'))) ?? [];
  const features = cpu?.children('feature').map((one) => one.attribute('name')) ?? [];
  return {
    nodes: capabilities.all('host', 'topology', 'cells', 'cell').map(readNode),
    hugepageKib: sizes.filter((kib) => kib > SMALL_PAGE_KIB).toSorted((one, other) => one - other),
    hidesThreads: HIDING.test(cpu?.first('vendor')?.text() ?? '') && features.includes('topoext'),
  };
}

function readNode(cell: XmlElement): HostNode {
  const memory = cell.first('memory')?.text();
  return {
    id: Number(cell.attribute('id')),
    cpus: cell.all('cpus', 'cpu').map((cpu) => Number(cpu.attribute('id'))),
    memoryKib: memory === undefined ? undefined : Number(memory),
  };
}
