import type { Declared } from '../../../libvirt-xml/metadata/declared.ts';
import type { DomainFacts } from '../../../libvirt-xml/domain/read.ts';
import { ordered } from '../fields/field.ts';
import type { Value } from '../fields/field.ts';
import { VM_FIELDS } from '../fields/vm.ts';
import { comparisons } from './comparisons.ts';
import type { Comparison } from './comparisons.ts';
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

const FIRST = [
  'name',
  'vcpus',
  'maximum_vcpus',
  'memory_kib',
  'current_memory_kib',
  'cpu_mode',
  'firmware',
  'machine_type',
  'virt_type',
  'autostart',
  'description',
];

/** What libvirt itself changes, such as the expansion of `host-model`, is no difference. */
export function differences(views: Views): readonly Difference[] {
  const { own, stored, live, autostart } = views;
  const sides = { made: own?.declared, stored, live, autostart };
  return [
    ...comparisons('', ordered(VM_FIELDS, FIRST), sides),
    ...diskComparisons(views),
    ...interfaceComparisons(views),
  ].flatMap(toDifference);
}

function toDifference(one: Comparison): readonly Difference[] {
  const { what, declared, stored, live, isSame = Object.is } = one;
  const needsRestart = live !== undefined && !isSame(stored, live);
  const changed = declared !== undefined && !isSame(stored, declared);
  return needsRestart || changed ? [{ what, declared, stored, live, needsRestart, changed }] : [];
}
