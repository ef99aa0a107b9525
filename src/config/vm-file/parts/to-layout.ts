import { orNone } from '../../machine/layout.ts';
import type { Layout, NumaCell, Pin } from '../../machine/layout.ts';
import { fillTopology } from '../../machine/topology.ts';
import { parseCpuSet } from '../../values/layout/cpu-set.ts';
import type { CpuSet } from '../../values/layout/cpu-set.ts';
import type { ConfigFile } from '../schema/vm-file.ts';
import { MIB_PER_GIB } from '../../../text/units.ts';

type CpuKeys = NonNullable<ConfigFile['cpu']>;

/** What a file without mistakes says of CPUs and memory besides how many and how much. */
export function toLayout(file: ConfigFile): Layout | undefined {
  const { cpu = {}, vcpus, vcpus_max: vcpusMax } = file;
  return orNone({
    vcpusMax,
    memoryMaxMib: inMib(file.memory_max_gib, file.memory_max_mib),
    cpuModel: cpu.model,
    topology: fillTopology(cpu, vcpusMax ?? vcpus),
    pins: toPins(cpu.pin ?? {}),
    emulatorCpus: parseCpuSet(cpu.emulator),
    cells: (file.numa ?? []).map(toCell),
    hugepages: toHugepages(file.hugepages),
  });
}

function inMib(gib: number | undefined, mib: number | undefined): number | undefined {
  return mib ?? (gib === undefined ? undefined : gib * MIB_PER_GIB);
}

function toHugepages(said: ConfigFile['hugepages']): Layout['hugepages'] {
  if (said === true) return 'default';
  return said === false ? undefined : said;
}

/** Each virtual CPU by itself. */
function toPins(pin: NonNullable<CpuKeys['pin']>): readonly Pin[] {
  return Object.entries(pin)
    .flatMap(([vcpus, said]) => (parseCpuSet(vcpus) ?? []).map((vcpu) => ({ vcpu, cpus: cpusOf(said) })))
    .toSorted((one, other) => one.vcpu - other.vcpu);
}

function toCell({
  cpus,
  memory_gib: gib,
  memory_mib: mib,
  host_node,
}: NonNullable<ConfigFile['numa']>[number]): NumaCell {
  return { cpus: cpusOf(cpus), memoryMib: inMib(gib, mib) ?? 0, hostNode: host_node };
}

function cpusOf(said: unknown): CpuSet {
  const set = parseCpuSet(said);
  if (set === undefined) throw new Error('the schema accepted a set of CPUs that is none');
  return set;
}
