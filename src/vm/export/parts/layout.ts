import type { DraftValues } from '../../../config/draft/draft.ts';
import type { Layout } from '../../../config/machine/layout.ts';
import { cpuModelMistake } from '../../../config/values/layout/cpu-model.ts';
import { cpuSetText } from '../../../config/values/layout/cpu-set.ts';
import type { CpuSet } from '../../../config/values/layout/cpu-set.ts';
import { pageKib } from '../../../config/values/layout/hugepages.ts';
import type { LayoutFacts } from '../../../libvirt-xml/domain/layout/read.ts';
import { cellsText, pinsText, topologyText } from '../../layout-words.ts';
import type { Evidence } from '../evidence.ts';
import { Words } from '../piece.ts';
import type { Piece } from '../piece.ts';
import { inGibOrMib } from './memory.ts';

const KIB_PER_MIB = 1024;

/** CPUs and memory besides how many and how much. */
export function layoutPiece({ facts, metadata }: Evidence): Piece {
  const words = new Words();
  const now = facts.layout;
  const made = metadata?.declared.layout;
  const isMade = metadata !== undefined;
  const { pins, emulatorCpus } = now;
  const cells = cellsOf(now, words);
  const values: DraftValues = {
    vcpus_max: mostVcpus(facts, made),
    cpu: orNothing({
      ...modelOf(now, words),
      ...now.topology,
      pin: orNothing(pinsOf(pins)),
      emulator: emulatorCpus && inFile(emulatorCpus),
    }),
    numa: cells,
    hugepages: hugepagesOf(now, facts.memoryKib, words),
  };
  if (isMade) tellChanges(now, made, words);
  return { values, remarks: words.remarks, rest: words.rest };
}

/** Where it can have more than it has, or was made so that it could. */
function mostVcpus({ vcpus, maximumVcpus }: Evidence['facts'], made: Layout | undefined): number | undefined {
  return vcpus === maximumVcpus && made?.vcpusMax === undefined ? undefined : maximumVcpus;
}

function modelOf({ cpuModel }: LayoutFacts, words: Words): DraftValues['cpu'] {
  if (cpuModel === undefined) return {};
  const mistake = cpuModelMistake(cpuModel);
  if (mistake === undefined) return { mode: 'custom', model: cpuModel };
  words.rest.push(`cpu model: ${mistake}`);
  return {};
}

/** Those that run on the same CPUs in one line. */
function pinsOf(pins: LayoutFacts['pins']): Readonly<Record<string, unknown>> {
  const byCpus = new Map<string, number[]>();
  for (const { vcpu, cpus } of pins) {
    const key = cpuSetText(cpus);
    byCpus.set(key, [...(byCpus.get(key) ?? []), vcpu]);
  }
  return Object.fromEntries(
    [...byCpus].map(([cpus, vcpus]) => [cpuSetText(vcpus), /^\d+$/u.test(cpus) ? Number(cpus) : cpus]),
  );
}

function inFile(set: CpuSet): number | string {
  return set.length === 1 ? (set[0] ?? 0) : cpuSetText(set);
}

/** Undefined where it has none, or such as a file cannot say. */
function cellsOf({ cells }: LayoutFacts, words: Words): DraftValues['numa'] {
  if (cells.length === 0) return undefined;
  const odd = cells.findIndex(
    ({ cpus, memoryKib }) => cpus.length === 0 || memoryKib < KIB_PER_MIB || memoryKib % KIB_PER_MIB !== 0,
  );
  if (odd !== -1) {
    words.rest.push(`numa: node ${odd} has no virtual CPUs, or no whole MiB of memory`);
    return undefined;
  }
  return cells.map(({ cpus, memoryKib, hostNode }) => ({
    cpus: inFile(cpus),
    ...inGibOrMib(memoryKib / KIB_PER_MIB),
    host_node: hostNode,
  }));
}

function hugepagesOf(
  { hugepages, cells }: LayoutFacts,
  memoryKib: number,
  words: Words,
): DraftValues['hugepages'] {
  if (hugepages === undefined || hugepages === 'default') return hugepages && true;
  const kib = pageKib(hugepages) ?? 1;
  if ([memoryKib, ...cells.map((cell) => cell.memoryKib)].every((amount) => amount % kib === 0))
    return hugepages;
  words.rest.push(`hugepages: of ${hugepages}, of which the memory is no multiple`);
  return undefined;
}

function was(text: string | undefined): string {
  return text ?? 'none';
}

/** What is now wins over what plow made; that is told. */
function tellChanges(now: LayoutFacts, made: Layout | undefined, words: Words): void {
  const { cpuModel, topology, pins = [], emulatorCpus, cells = [], hugepages } = made ?? {};
  words.changed(['cpu', 'model'], was(now.cpuModel), was(cpuModel));
  words.changed(['cpu', 'cores'], was(topologyText(now.topology)), was(topologyText(topology)));
  words.changed(['cpu', 'pin'], was(pinsText(now.pins)), was(pinsText(pins)));
  const [runs, ran] = [now.emulatorCpus, emulatorCpus].map((set) => set && cpuSetText(set));
  words.changed(['cpu', 'emulator'], was(runs), was(ran));
  const before = cells.map(({ memoryMib, ...cell }) => ({ ...cell, memoryKib: memoryMib * KIB_PER_MIB }));
  words.changed(['numa'], was(cellsText(now.cells)), was(cellsText(before)));
  words.changed(['hugepages'], was(now.hugepages), was(hugepages));
}

function orNothing<T extends object>(map: T): T | undefined {
  return Object.values(map).some((value) => value !== undefined) ? map : undefined;
}
