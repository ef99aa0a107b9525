import type { Pin } from '../../../config/machine/layout.ts';
import type { Topology } from '../../../config/machine/topology.ts';
import { cpuSetText } from '../../../config/values/layout/cpu-set.ts';
import type { CellFacts } from '../../../libvirt-xml/domain/layout/read.ts';
import type { Declared } from '../../../libvirt-xml/metadata/declared.ts';
import { cellsText, pinsText, topologyText } from '../../layout-words.ts';
import { compared, each, json, jsonOrNull, partsOrNull } from './field.ts';
import type { Key, VmField } from './field.ts';

const KIB_PER_MIB = 1024;

const TOPOLOGY: readonly Key<Topology>[] = [
  { key: 'sockets', json: json('integer', ({ sockets }) => sockets) },
  { key: 'dies', json: json('integer', ({ dies }) => dies) },
  { key: 'cores', json: json('integer', ({ cores }) => cores) },
  { key: 'threads', json: json('integer', ({ threads }) => threads) },
];

const PIN: readonly Key<Pin>[] = [
  { key: 'vcpu', json: json('integer', ({ vcpu }) => vcpu) },
  { key: 'cpus', json: json('string', ({ cpus }) => cpuSetText(cpus), 'of the hypervisor, as 2-5,8') },
];

const CELL: readonly Key<CellFacts>[] = [
  { key: 'cpus', json: json('string', ({ cpus }) => cpuSetText(cpus), 'virtual CPUs, as 0-3') },
  { key: 'memory_kib', json: json('integer', ({ memoryKib }) => memoryKib) },
  {
    key: 'host_node',
    json: jsonOrNull('integer', ({ hostNode }) => hostNode, 'of the hypervisor; null: any'),
  },
];

function madeCells({ layout }: Declared): readonly CellFacts[] {
  return (layout?.cells ?? []).map(({ cpus, memoryMib, hostNode }) => ({
    cpus,
    memoryKib: memoryMib * KIB_PER_MIB,
    hostNode,
  }));
}

/** How CPUs and memory of a VM are laid out. */
export const LAYOUT_FIELDS: readonly VmField[] = [
  {
    key: 'cpu_model',
    json: jsonOrNull('string', ({ facts }) => facts.layout.cpuModel, 'of the CPU mode custom'),
    lines: ({ facts }) => [['CPU model', facts.layout.cpuModel]],
    declared: jsonOrNull('string', ({ layout }) => layout?.cpuModel),
    declaredLines: ({ layout }) => [['CPU model', layout?.cpuModel]],
    // Of what runs libvirt writes which model it chose.
    compare: ({ made, stored }) => ({
      declared: made && (made.layout?.cpuModel ?? null),
      stored: stored.layout.cpuModel ?? null,
    }),
    word: 'CPU model',
  },
  {
    key: 'cpu_topology',
    json: partsOrNull(TOPOLOGY, ({ facts }) => facts.layout.topology, 'null: a socket for each virtual CPU'),
    lines: ({ facts }) => [['Topology', topologyText(facts.layout.topology)]],
    declared: partsOrNull(TOPOLOGY, ({ layout }) => layout?.topology),
    declaredLines: ({ layout }) => [['Topology', topologyText(layout?.topology)]],
    compare: compared(
      ({ layout }) => topologyText(layout.topology),
      ({ layout }) => topologyText(layout?.topology) ?? null,
    ),
    word: 'CPU topology',
  },
  {
    key: 'cpu_pins',
    json: each(PIN, ({ facts }) => facts.layout.pins, 'those that run on some CPUs of the hypervisor only'),
    lines: ({ facts }) => [['Pinned', pinsText(facts.layout.pins)]],
    declared: each(PIN, ({ layout }) => layout?.pins ?? []),
    declaredLines: ({ layout }) => [['Pinned', pinsText(layout?.pins ?? [])]],
    compare: compared(
      ({ layout }) => pinsText(layout.pins),
      ({ layout }) => pinsText(layout?.pins ?? []) ?? null,
    ),
    word: 'pinned CPUs',
  },
  {
    key: 'emulator_cpus',
    json: jsonOrNull(
      'string',
      ({ facts: { layout } }) => layout.emulatorCpus && cpuSetText(layout.emulatorCpus),
      'where the rest of QEMU runs, as 0-1; null: anywhere',
    ),
    lines: ({ facts: { layout } }) => [
      ['Emulator on', layout.emulatorCpus && cpuSetText(layout.emulatorCpus)],
    ],
    declared: jsonOrNull('string', ({ layout }) => layout?.emulatorCpus && cpuSetText(layout.emulatorCpus)),
    compare: compared(
      ({ layout }) => layout.emulatorCpus && cpuSetText(layout.emulatorCpus),
      ({ layout }) => (layout?.emulatorCpus && cpuSetText(layout.emulatorCpus)) ?? null,
    ),
    word: 'CPUs of the emulator',
  },
  {
    key: 'numa',
    json: each(CELL, ({ facts }) => facts.layout.cells, 'nodes that the guest sees; none: one'),
    lines: ({ facts }) => [['NUMA', cellsText(facts.layout.cells)]],
    declared: each(CELL, madeCells),
    declaredLines: (made) => [['NUMA', cellsText(madeCells(made))]],
    compare: compared(
      ({ layout }) => cellsText(layout.cells),
      (made) => cellsText(madeCells(made)) ?? null,
    ),
    word: 'NUMA nodes',
  },
  {
    key: 'hugepages',
    json: jsonOrNull(
      'string',
      ({ facts }) => facts.layout.hugepages,
      "2MiB, 1GiB, or default: the hypervisor's own; null: none of these",
    ),
    lines: ({ facts }) => [['Huge pages', facts.layout.hugepages]],
    declared: jsonOrNull('string', ({ layout }) => layout?.hugepages),
    declaredLines: ({ layout }) => [['Huge pages', layout?.hugepages]],
    compare: compared(
      ({ layout }) => layout.hugepages,
      ({ layout }) => layout?.hugepages ?? null,
    ),
    word: 'huge pages',
  },
];
