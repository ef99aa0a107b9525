import { cpuSetText, parseCpuSet } from '../../values/layout/cpu-set.ts';
import type { CpuSet } from '../../values/layout/cpu-set.ts';
import { pageKib } from '../../values/layout/hugepages.ts';
import { listAt, valueAt } from '../../yaml/raw-value.ts';
import { label } from '../../yaml/mistake.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { MIB_PER_GIB } from '../../../text/units.ts';
import { noVcpu, vcpusOf, wholeAt } from './cpu.ts';
import type { Most } from './cpu.ts';

const KIB_PER_MIB = 1024;
/** What a list of each of them may have, whatever a file says. */
const MANY_VCPUS = 4096;

/** What spans the memory of a VM, its NUMA nodes, its virtual CPUs and huge pages. */
export function memoryLayoutMistakes(file: unknown): Mistake[] {
  return [...mostMistakes(file), ...cellMistakes(file), ...pageMistakes(file)];
}

/** An amount of memory, and the key that says it. */
interface Amount {
  readonly key: string;
  readonly mib: number;
}

/** Undefined where it is not said, or not as it should be. */
function amountAt(map: unknown, name: 'memory' | 'memory_max'): Amount | undefined {
  const [gib, mib] = [wholeAt(map, `${name}_gib`), wholeAt(map, `${name}_mib`)];
  if (mib !== undefined) return { key: `${name}_mib`, mib };
  return gib === undefined ? undefined : { key: `${name}_gib`, mib: gib * MIB_PER_GIB };
}

function saysMost(file: unknown): boolean {
  return ['memory_max_gib', 'memory_max_mib'].some((key) => valueAt(file, key) !== undefined);
}

/** All that the VM can have. */
function mostOf(file: unknown): Amount | undefined {
  return amountAt(file, saysMost(file) ? 'memory_max' : 'memory');
}

function mostMistakes(file: unknown): Mistake[] {
  if (valueAt(file, 'memory_max_gib') !== undefined && valueAt(file, 'memory_max_mib') !== undefined)
    return [{ path: ['memory_max_mib'], text: 'memory_max_gib says how much already; keep one of them' }];
  const [has, most] = [amountAt(file, 'memory'), amountAt(file, 'memory_max')];
  if (has === undefined || most === undefined || most.mib >= has.mib) return [];
  const text = `the VM has more than that from the start (${has.key}: ${said(has)}); leave it out, or write more`;
  return [{ path: [most.key], text }];
}

/** As its key has it. */
function said({ key, mib }: Amount): number {
  return key.endsWith('_gib') ? mib / MIB_PER_GIB : mib;
}

/** `1536 MiB`, `4 GiB` */
function words(mib: number): string {
  return mib % MIB_PER_GIB === 0 ? `${mib / MIB_PER_GIB} GiB` : `${mib} MiB`;
}

function cellMistakes(file: unknown): Mistake[] {
  const cells = listAt(file, 'numa');
  if (cells.length === 0) return [];
  const amounts = cells.map((cell) => amountAt(cell, 'memory'));
  return [
    ...cells.flatMap(amountMistakes),
    ...coverMistakes(
      cells.map((cell) => parseCpuSet(valueAt(cell, 'cpus'))),
      vcpusOf(file),
    ),
    ...sumMistakes(amounts, mostOf(file)),
  ];
}

function amountMistakes(cell: unknown, index: number): Mistake[] {
  const [gib, mib] = [valueAt(cell, 'memory_gib'), valueAt(cell, 'memory_mib')];
  const path = ['numa', index];
  if (gib !== undefined && mib !== undefined)
    return [{ path: [...path, 'memory_mib'], text: 'memory_gib says how much already; keep one of them' }];
  return gib === undefined && mib === undefined
    ? [{ path: [...path, 'memory_gib'], text: 'is required (a whole number, or memory_mib instead)' }]
    : [];
}

/** Each virtual CPU in one node: libvirt would put those that are in none into the first. */
function coverMistakes(cells: readonly (CpuSet | undefined)[], most: Most | undefined): Mistake[] {
  const home = new Map<number, number>();
  const mistakes = cells.flatMap((cpus = [], index): Mistake[] => {
    const path = ['numa', index, 'cpus'];
    const missing = most && cpus.find((vcpu) => vcpu >= most.count);
    if (missing !== undefined) return [{ path, text: noVcpu(missing, most) }];
    const twice = cpus.find((vcpu) => home.has(vcpu));
    for (const vcpu of cpus) if (!home.has(vcpu)) home.set(vcpu, index);
    if (twice === undefined) return [];
    const text = `virtual CPU ${twice} is in ${label(['numa', home.get(twice) ?? 0])} already`;
    return [{ path, text }];
  });
  if (mistakes.length > 0 || most === undefined || cells.includes(undefined)) return mistakes;
  // More than any guest can have is told by the schema.
  if (!(most.count <= MANY_VCPUS)) return [];
  const left = Array.from({ length: most.count }, (_, vcpu) => vcpu).filter((vcpu) => !home.has(vcpu));
  if (left.length === 0) return [];
  const which =
    left.length === 1 ? `virtual CPU ${cpuSetText(left)} is` : `virtual CPUs ${cpuSetText(left)} are`;
  return [{ path: ['numa'], text: `${which} in no node (${most.key}: ${most.count})` }];
}

/** libvirt takes the sum for the memory of the VM, whatever that is said to be. */
function sumMistakes(cells: readonly (Amount | undefined)[], most: Amount | undefined): Mistake[] {
  if (most === undefined || cells.includes(undefined)) return [];
  const sum = cells.reduce((total, cell) => total + (cell?.mib ?? 0), 0);
  if (sum === most.mib) return [];
  const has = cells.length === 1 ? 'the node has' : 'the nodes have';
  const text = `${has} ${words(sum)} in all, and the VM ${words(most.mib)} (${most.key}): libvirt would take the sum`;
  return [{ path: ['numa'], text }];
}

/** libvirt would round up, and a VM has what its file says. */
function pageMistakes(file: unknown): Mistake[] {
  const size = valueAt(file, 'hugepages');
  const kib = size === '2MiB' || size === '1GiB' ? pageKib(size) : undefined;
  if (kib === undefined) return [];
  const isOdd = ({ mib }: Amount): boolean => (mib * KIB_PER_MIB) % kib !== 0;
  const textOf = ({ mib }: Amount): string => {
    const least = Math.floor((mib * KIB_PER_MIB) / kib) * (kib / KIB_PER_MIB);
    const near = [least, least + kib / KIB_PER_MIB].filter((one) => one > 0).join(' or ');
    return `is no multiple of the huge pages (${String(size)}); write ${near} MiB`;
  };
  const most = mostOf(file);
  const cells = listAt(file, 'numa').flatMap((cell, index): Mistake[] => {
    const amount = amountAt(cell, 'memory');
    return amount !== undefined && isOdd(amount)
      ? [{ path: ['numa', index, amount.key], text: textOf(amount) }]
      : [];
  });
  return [...(most !== undefined && isOdd(most) ? [{ path: [most.key], text: textOf(most) }] : []), ...cells];
}
