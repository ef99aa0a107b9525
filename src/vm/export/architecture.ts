import { archCalled, ARCHITECTURES, machineFamily } from '../../config/architectures.ts';
import type { DraftValues } from '../../config/draft/draft.ts';
import { CPU_MODES } from '../../config/machine.ts';
import type { Arch } from '../../config/machine.ts';
import { machineTypeMistake } from '../../config/values/names.ts';
import type { Evidence } from './evidence.ts';
import type { Words } from './piece.ts';

/** Written where the file had it, and where it is not the hypervisor's own. */
export function architecture({ facts, metadata, hostArch }: Evidence): Arch | undefined {
  const now = archCalled(facts.arch);
  return metadata?.declared.arch === undefined && now === hostArch ? undefined : now;
}

/** What a file that leaves these out makes of them: it need not say them. */
export function defaultsOf(evidence: Evidence): DraftValues {
  return { machine: ofVm(evidence).machineType, cpu_mode: usualCpuMode(evidence) };
}

/** One that plow has no words for is told among what a file cannot say. */
function ofVm({ facts }: Evidence): (typeof ARCHITECTURES)[Arch] {
  return ARCHITECTURES[archCalled(facts.arch) ?? 'x86_64'];
}

function usualCpuMode(evidence: Evidence): DraftValues['cpu_mode'] {
  const [usual] = ofVm(evidence).cpuModes[evidence.facts.type === 'qemu' ? 'qemu' : 'kvm'];
  return CPU_MODES.find((one) => one === usual);
}

/** Of a model by its name another key tells. Another mode is told among what a file cannot say. */
export function cpuMode(evidence: Evidence, words: Words): DraftValues['cpu_mode'] {
  const { facts, metadata } = evidence;
  if (facts.layout.cpuModel !== undefined) return undefined;
  const mode = CPU_MODES.find((one) => one === facts.cpuMode);
  if (mode !== undefined) {
    words.changed(['cpu_mode'], mode, metadata?.declared.cpuMode);
    return mode;
  }
  if (facts.cpuMode === undefined) words.rest.push("cpu: QEMU's default model");
  return usualCpuMode(evidence);
}

/** libvirt writes the version into every domain. One that is today's newest of its kind goes without. */
export function machineType(evidence: Evidence, words: Words): string | undefined {
  const { facts, metadata, machineAliases } = evidence;
  const now = facts.machineType;
  const made = metadata?.declared.machineType;
  const family = machineFamily(now ?? '')?.family ?? ofVm(evidence).machineType;
  if (now === undefined || made === now) return made;
  if (made === family) return made;
  if (made !== undefined) words.changed(['machine'], now, made);
  if (now === family || machineAliases.get(family) === now) return family;
  if (machineTypeMistake(now) === undefined) return now;
  words.at(['machine'], `machine: the domain has ${now}, which plow does not know`);
  return undefined;
}
