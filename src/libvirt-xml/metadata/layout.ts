import type { Layout, NumaCell, Pin } from '../../config/machine/layout.ts';
import { orNone } from '../../config/machine/layout.ts';
import { TOPOLOGY_PARTS } from '../../config/machine/topology.ts';
import type { Topology } from '../../config/machine/topology.ts';
import { cpuModelMistake } from '../../config/values/layout/cpu-model.ts';
import { cpuSetText, parseCpuSet } from '../../config/values/layout/cpu-set.ts';
import { HUGEPAGE_SIZES } from '../../config/values/layout/hugepages.ts';
import { isMap, listAt, valueAt } from '../../config/yaml/raw-value.ts';

/** As the metadata of a VM has it: what is left out there the VM was not asked to have. */
export interface StoredLayout {
  readonly vcpusMax: number | undefined;
  readonly memoryMaxMib: number | undefined;
  readonly cpuModel: string | undefined;
  readonly topology: Topology | undefined;
  /** CPUs as `2-5,8`; so they are below. */
  readonly pins: readonly { readonly vcpu: number; readonly cpus: string }[] | undefined;
  readonly emulatorCpus: string | undefined;
  readonly cells:
    | readonly { readonly cpus: string; readonly memoryMib: number; readonly hostNode: number | undefined }[]
    | undefined;
  readonly hugepages: string | undefined;
}

export function storedLayout(layout: Layout): StoredLayout {
  const { vcpusMax, memoryMaxMib, cpuModel, topology, pins, emulatorCpus, cells, hugepages } = layout;
  return {
    vcpusMax,
    memoryMaxMib,
    cpuModel,
    topology: topology && storedTopology(topology),
    pins: some(pins.map(({ vcpu, cpus }) => ({ vcpu, cpus: cpuSetText(cpus) }))),
    emulatorCpus: emulatorCpus && cpuSetText(emulatorCpus),
    cells: some(
      cells.map(({ cpus, memoryMib, hostNode }) => ({ cpus: cpuSetText(cpus), memoryMib, hostNode })),
    ),
    hugepages,
  };
}

function storedTopology({ sockets, dies, cores, threads }: Topology): Topology {
  return { sockets, dies, cores, threads };
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** What storedLayout wrote, or anyone else: what is not there as it should be is left out. */
export function readStoredLayout(stored: unknown): Layout | undefined {
  const model = valueAt(stored, 'cpuModel');
  const hugepages = valueAt(stored, 'hugepages');
  return orNone({
    vcpusMax: numberAt(stored, 'vcpusMax'),
    memoryMaxMib: numberAt(stored, 'memoryMaxMib'),
    cpuModel: typeof model === 'string' && cpuModelMistake(model) === undefined ? model : undefined,
    topology: readTopology(valueAt(stored, 'topology')),
    pins: listAt(stored, 'pins').flatMap(readPin),
    emulatorCpus: parseCpuSet(valueAt(stored, 'emulatorCpus')),
    cells: listAt(stored, 'cells').flatMap(readCell),
    hugepages: ([...HUGEPAGE_SIZES, 'default'] as const).find((size) => size === hugepages),
  });
}

function readTopology(stored: unknown): Topology | undefined {
  const [sockets, dies, cores, threads] = TOPOLOGY_PARTS.map((part) => numberAt(stored, part));
  if (sockets === undefined || dies === undefined || cores === undefined || threads === undefined)
    return undefined;
  return { sockets, dies, cores, threads };
}

function readPin(stored: unknown): readonly Pin[] {
  const [vcpu, cpus] = [numberAt(stored, 'vcpu'), parseCpuSet(valueAt(stored, 'cpus'))];
  return vcpu === undefined || cpus === undefined ? [] : [{ vcpu, cpus }];
}

function readCell(stored: unknown): readonly NumaCell[] {
  const [memoryMib, cpus] = [numberAt(stored, 'memoryMib'), parseCpuSet(valueAt(stored, 'cpus'))];
  if (memoryMib === undefined || cpus === undefined) return [];
  return [{ cpus, memoryMib, hostNode: numberAt(stored, 'hostNode') }];
}

function numberAt(stored: unknown, key: string): number | undefined {
  const value = valueAt(stored, key);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/**
 * The layout in the metadata of a VM that has another size: its most follows what is more, and is written
 * down where a topology or nodes have it stay when there is less.
 */
export function changedLayout(
  stored: Readonly<Record<string, unknown>>,
  { vcpus, memoryMib }: { readonly vcpus?: number | undefined; readonly memoryMib?: number | undefined },
): { readonly layout?: unknown } {
  const { layout } = stored;
  if (!isMap(layout)) return {};
  const hasCells = listAt(layout, 'cells').length > 0;
  const hasTopology = hasCells || isMap(layout['topology']);
  const most = {
    vcpusMax: mostOf(numberAt(layout, 'vcpusMax'), numberAt(stored, 'vcpus'), vcpus, hasTopology),
    memoryMaxMib: mostOf(
      numberAt(layout, 'memoryMaxMib'),
      numberAt(stored, 'memoryMib'),
      memoryMib,
      hasCells,
    ),
  };
  const told = Object.entries(most).filter(([, value]) => value !== undefined);
  return told.length === 0 ? {} : { layout: { ...layout, ...Object.fromEntries(told) } };
}

function mostOf(
  most: number | undefined,
  was: number | undefined,
  now: number | undefined,
  stays: boolean,
): number | undefined {
  if (now === undefined) return most;
  if (most !== undefined) return Math.max(most, now);
  return stays && was !== undefined && was > now ? was : undefined;
}
