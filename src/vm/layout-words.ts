import type { Pin } from '../config/machine/layout.ts';
import { TOPOLOGY_PARTS } from '../config/machine/topology.ts';
import type { Topology } from '../config/machine/topology.ts';
import { cpuSetText } from '../config/values/layout/cpu-set.ts';
import type { CellFacts } from '../libvirt-xml/domain/layout/read.ts';
import { memoryText } from '../text/quantities.ts';

const ONE: Readonly<Record<keyof Topology, string>> = {
  sockets: 'socket',
  dies: 'die',
  cores: 'core',
  threads: 'thread',
};

/** `1 socket, 1 die, 4 cores, 2 threads` */
export function topologyText(topology: Topology | undefined): string | undefined {
  return topology && TOPOLOGY_PARTS.map((part) => counted(topology[part], ONE[part])).join(', ');
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** `0 on 2, 1 on 4-5`; undefined where none is pinned. */
export function pinsText(pins: readonly Pin[]): string | undefined {
  const all = pins.map(({ vcpu, cpus }) => `${vcpu} on ${cpuSetText(cpus)}`);
  return all.length === 0 ? undefined : all.join(', ');
}

/** `CPUs 0-1, 4 GiB of node 0; ...`; undefined without nodes. */
export function cellsText(cells: readonly CellFacts[]): string | undefined {
  return cells.length === 0 ? undefined : cells.map(cellText).join('; ');
}

/** `CPUs 0-1, 4 GiB of node 0` */
function cellText({ cpus, memoryKib, hostNode }: CellFacts): string {
  const node = hostNode === undefined ? '' : ` of node ${hostNode}`;
  return `CPUs ${cpuSetText(cpus)}, ${memoryText(memoryKib)}${node}`;
}
