import type { Declared } from '../../../libvirt-xml/metadata/declared.ts';
import type { DomainFacts } from '../../../libvirt-xml/domain/read.ts';
import { diskComparisons } from './disks.ts';
import { interfaceComparisons } from './interfaces.ts';

/** Something of a VM that is not everywhere the same: as plow made it, as it is stored, as it runs. */
export interface Difference {
  /** `vcpus`, `disk vdb`, `disk vdb cache`, `interface 52:54:00:11:22:33`... */
  readonly what: string;
  /** As plow made it; undefined where plow did not, or said nothing about it. */
  readonly declared: Value | undefined;
  /** As it is from the next start on. */
  readonly stored: Value;
  /** As it runs; undefined for a VM that does not. */
  readonly live: Value | undefined;
  /** What is stored takes effect when the VM is stopped and started again. */
  readonly needsRestart: boolean;
  /** It was changed since plow made it. */
  readonly changed: boolean;
}

/** Null: there is none. */
export type Value = string | number | boolean | null;

export interface Views {
  /** What plow made, and in which directory; undefined for a VM of somebody else. */
  readonly own: { readonly declared: Declared; readonly directory: string } | undefined;
  readonly stored: DomainFacts;
  /** Undefined for a VM that does not run. */
  readonly live: DomainFacts | undefined;
  readonly autostart: boolean;
  /** Virtual sizes of disks in bytes by their source, as far as they are known. */
  readonly capacities: ReadonlyMap<string, number>;
}

export interface Compared {
  readonly what: string;
  readonly declared?: Value | undefined;
  readonly stored: Value;
  readonly live?: Value | undefined;
  /** Where different values may mean the same. @param later what is stored @param earlier what runs or was declared */
  readonly isSame?: (later: Value, earlier: Value) => boolean;
}

/** What libvirt itself changes, such as the expansion of `host-model`, is no difference. */
export function differences(views: Views): readonly Difference[] {
  return [...scalars(views), ...diskComparisons(views), ...interfaceComparisons(views)].flatMap(toDifference);
}

function toDifference(compared: Compared): readonly Difference[] {
  const { what, declared, stored, live, isSame = Object.is } = compared;
  const needsRestart = live !== undefined && !isSame(stored, live);
  const changed = declared !== undefined && !isSame(stored, declared);
  return needsRestart || changed ? [{ what, declared, stored, live, needsRestart, changed }] : [];
}

function scalars({ own, stored, live, autostart }: Views): readonly Compared[] {
  const declared = own?.declared;
  const memory = declared?.memoryKib;
  return [
    { what: 'name', declared: declared?.name, stored: stored.name, live: live?.name },
    { what: 'vcpus', declared: declared?.vcpus, stored: stored.vcpus, live: live?.vcpus },
    {
      what: 'maximum_vcpus',
      // As with memory: one change is told once.
      declared: isAll(stored) ? undefined : declared?.vcpus,
      stored: stored.maximumVcpus,
      live: live && isAll(stored) && isAll(live) ? undefined : live?.maximumVcpus,
    },
    {
      what: 'memory_kib',
      declared: memory,
      stored: stored.memoryKib,
      live: live?.memoryKib,
      isSame: sameMebibytes,
    },
    {
      what: 'current_memory_kib',
      // Where the most was changed the balloon's part of it was as well, which need not be told twice.
      declared: stored.currentMemoryKib === stored.memoryKib ? undefined : memory,
      stored: stored.currentMemoryKib,
      live: live?.currentMemoryKib,
      isSame: sameMebibytes,
    },
    {
      what: 'cpu_mode',
      declared: declared?.cpuMode,
      stored: stored.cpuMode ?? null,
      live: live && (live.cpuMode ?? null),
      isSame: sameCpuMode,
    },
    { what: 'firmware', declared: declared?.firmware, stored: stored.firmware, live: live?.firmware },
    {
      what: 'machine_type',
      declared: declared?.machineType,
      stored: stored.machineType ?? null,
      live: live && (live.machineType ?? null),
      isSame: sameMachineType,
    },
    { what: 'virt_type', declared: declared?.virtType, stored: stored.type, live: live?.type },
    { what: 'autostart', declared: declared?.autostart, stored: autostart },
    {
      what: 'description',
      declared: declared && (declared.description ?? null),
      stored: stored.description ?? null,
      live: live && (live.description ?? null),
    },
  ];
}

function isAll({ vcpus, maximumVcpus }: DomainFacts): boolean {
  return vcpus === maximumVcpus;
}

/** libvirt rounds up what runs to whole MiB. */
function sameMebibytes(one: Value, other: Value): boolean {
  return Math.ceil(Number(one) / 1024) === Math.ceil(Number(other) / 1024);
}

/** Of a VM that runs libvirt writes out which CPU it chose: for `host-model`, and where nothing is stored. */
function sameCpuMode(stored: Value, other: Value): boolean {
  return stored === other || (other === 'custom' && stored !== 'host-passthrough');
}

/** `q35` and `pc` stand for the newest that the hypervisor has. */
function sameMachineType(stored: Value, other: Value): boolean {
  const newest = other === 'q35' ? 'pc-q35-' : other === 'pc' ? 'pc-i440fx-' : undefined;
  return stored === other || (newest !== undefined && String(stored).startsWith(newest));
}
