import type { Layout, NumaCell, Pin } from '../../../config/machine/layout.ts';
import type { Topology } from '../../../config/machine/topology.ts';
import { parseCpuSet } from '../../../config/values/layout/cpu-set.ts';
import type { CpuSet } from '../../../config/values/layout/cpu-set.ts';
import type { XmlElement } from '../../read/parse.ts';
import type { Shape } from '../devices/device.ts';
import { inKib } from './amounts.ts';
import { readHugepages } from './memory-backing.ts';

/** What a document says of CPUs and memory, as far as a VM file has words for it. */
export interface LayoutFacts extends Pick<
  Layout,
  'cpuModel' | 'topology' | 'pins' | 'emulatorCpus' | 'hugepages'
> {
  readonly cells: readonly CellFacts[];
}

export interface CellFacts extends Omit<NumaCell, 'memoryMib'> {
  readonly memoryKib: number;
}

const CPUS = /^[\d,-]+$/u;

/** Elements of a domain that are all known. */
export const LAYOUT_SHAPES: Readonly<Record<'cputune' | 'numatune', Shape>> = {
  cputune: {
    children: {
      vcpupin: { attributes: { vcpu: /^\d+$/u, cpuset: CPUS } },
      emulatorpin: { attributes: { cpuset: CPUS } },
    },
  },
  numatune: {
    children: {
      memnode: { attributes: { cellid: /^\d+$/u, mode: /^strict$/u, nodeset: /^\d+$/u } },
    },
  },
};

/** Elements of its CPU. */
export const CPU_SHAPES: Readonly<Record<string, Shape>> = {
  topology: { attributes: { sockets: true, dies: true, cores: true, threads: true } },
  // As plow adds it.
  feature: { oneOf: [{ attributes: { policy: /^require$/u, name: /^topoext$/u } }] },
  numa: {
    children: { cell: { attributes: { id: /^\d+$/u, cpus: CPUS, memory: true, unit: true } } },
  },
};

/** What is not as plow would write it is left out. */
export function readLayout(domain: XmlElement): LayoutFacts {
  const cpu = domain.first('cpu');
  const model = cpu?.attribute('mode') === 'custom' ? cpu.first('model')?.text().trim() : undefined;
  return {
    cpuModel: model === '' ? undefined : model,
    topology: readTopology(cpu?.first('topology')),
    pins: readPins(domain),
    emulatorCpus: cpusOf(domain.first('cputune', 'emulatorpin'), 'cpuset'),
    cells: readCells(domain),
    hugepages: readHugepages(domain),
  };
}

function readTopology(element: XmlElement | undefined): Topology | undefined {
  if (element === undefined) return undefined;
  const part = (name: keyof Topology): number => Number(element.attribute(name) ?? '1');
  return { sockets: part('sockets'), dies: part('dies'), cores: part('cores'), threads: part('threads') };
}

function readPins(domain: XmlElement): readonly Pin[] {
  const pins = domain.all('cputune', 'vcpupin').flatMap((element) => {
    const [vcpu, cpus] = [element.attribute('vcpu') ?? '', cpusOf(element, 'cpuset')];
    return cpus === undefined || !/^\d{1,5}$/u.test(vcpu) ? [] : [{ vcpu: Number(vcpu), cpus }];
  });
  return pins.toSorted((one, other) => one.vcpu - other.vcpu);
}

function readCells(domain: XmlElement): readonly CellFacts[] {
  const nodes = new Map(
    domain.all('numatune', 'memnode').map((one) => [one.attribute('cellid'), one.attribute('nodeset') ?? '']),
  );
  return domain.all('cpu', 'numa', 'cell').map((cell) => {
    const node = nodes.get(cell.attribute('id')) ?? '';
    return {
      cpus: cpusOf(cell, 'cpus') ?? [],
      memoryKib: inKib(cell.attribute('memory'), cell.attribute('unit')),
      hostNode: /^\d{1,5}$/u.test(node) ? Number(node) : undefined,
    };
  });
}

/** Undefined for what plow would not write, such as a range that leaves some out. */
function cpusOf(element: XmlElement | undefined, name: string): CpuSet | undefined {
  return parseCpuSet(element?.attribute(name));
}
