import { ordered } from '../fields/field.ts';
import { VM_FIELDS } from '../fields/vm.ts';
import type { Difference } from '../details.ts';
import { comparisons } from './comparisons.ts';
import type { Comparison } from './comparisons.ts';
import { diskComparisons } from './disks.ts';
import { interfaceComparisons } from './interfaces.ts';
import type { Views } from './views.ts';

const FIRST = [
  'name',
  'vcpus',
  'maximum_vcpus',
  'memory_kib',
  'current_memory_kib',
  'cpu_mode',
  'firmware',
  'arch',
  'machine_type',
  'virt_type',
  'on_crash',
  'autostart',
  'description',
];

/** What libvirt itself changes, such as the expansion of `host-model`, is no difference. */
export function differences(views: Views): readonly Difference[] {
  return allComparisons(views).flatMap(toDifference);
}

/** All that can be compared of a VM, be it the same from all sides. */
export function allComparisons(views: Views): readonly Comparison[] {
  const { own, stored, live, autostart } = views;
  const sides = { made: own?.declared, directory: own?.directory, stored, live, autostart };
  return [
    ...comparisons('', ordered(VM_FIELDS, FIRST), sides),
    ...diskComparisons(views),
    ...interfaceComparisons(views),
  ];
}

function toDifference(one: Comparison): readonly Difference[] {
  const { what, declared, stored, live, isSame = Object.is } = one;
  const needsRestart = live !== undefined && !isSame(stored, live);
  const changed = declared !== undefined && !isSame(stored, declared);
  return needsRestart || changed ? [{ what, declared, stored, live, needsRestart, changed }] : [];
}
