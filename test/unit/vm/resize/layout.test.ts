import { describe, expect, it } from 'vitest';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import type { DomainFacts } from '../../../../src/libvirt-xml/domain/read.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { refuseMisfit, roomOf } from '../../../../src/vm/resize/layout.ts';

/** A VM of four CPUs and 4 GiB at most. */
function vm(more = '', current = ''): DomainFacts {
  return readDomain(
    parseXml(`<domain type='kvm'><name>web</name><memory unit='MiB'>4096</memory>
      <vcpu${current}>4</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os>${more}<devices/></domain>`),
  );
}

const TOPOLOGY = "<cpu><topology sockets='1' dies='1' cores='2' threads='2'/></cpu>";
const CELLS = `<cpu><numa><cell id='0' cpus='0-3' memory='4' unit='GiB'/></numa></cpu>`;
const PAGES = `<memoryBacking><hugepages><page size='2048' unit='KiB'/></hugepages></memoryBacking>`;

describe('the room of a VM', () => {
  it.each([
    ['nothing of the kind', vm(), undefined, { vcpus: false, memory: false }],
    ['a topology', vm(TOPOLOGY), undefined, { vcpus: true, memory: false }],
    ['NUMA nodes', vm(CELLS), undefined, { vcpus: true, memory: true }],
    ['vcpus_max', vm(), { vcpusMax: 8 }, { vcpus: true, memory: false }],
    ['memory_max_gib', vm(), { memoryMaxMib: 8192 }, { vcpus: false, memory: true }],
  ] as const)('stays with %s', (_, facts, made, room) => {
    const layout = made === undefined ? undefined : { vcpusMax: undefined, memoryMaxMib: undefined, ...made };
    expect(roomOf(facts, layout as Parameters<typeof roomOf>[1])).toStrictEqual(room);
  });
});

/** Why it cannot have that much. */
function refusal(facts: DomainFacts, vcpus?: number, memoryMib?: number): string | undefined {
  try {
    refuseMisfit('web', { vcpus, memoryMib }, facts, undefined);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

describe('more than a layout has', () => {
  it.each([
    [vm(), 8, 8192],
    [vm(TOPOLOGY), 4, 8192],
    [vm(TOPOLOGY), 3, undefined],
    [vm(CELLS), 4, 4096],
    [vm(PAGES), undefined, 4098],
    [vm(PAGES), undefined, 4094],
    [vm(`<currentMemory unit='MiB'>2048</currentMemory>${PAGES}`), undefined, 4095],
  ])('is none: %#', (facts, vcpus, memory) => {
    expect(refusal(facts, vcpus, memory)).toBeUndefined();
  });

  it.each([
    [vm(TOPOLOGY), 5, undefined, "VM 'web' cannot have 5 CPUs: its topology (", ') makes 4'],
    [vm(CELLS), 5, undefined, "VM 'web' cannot have 5 CPUs: its NUMA nodes hold 4", ''],
    [vm(CELLS), undefined, 4097, "VM 'web' cannot have 4097 MiB: its NUMA nodes have 4096 MiB together", ''],
    [vm(PAGES), undefined, 4095, "VM 'web' cannot have 4095 MiB: it has huge pages", ''],
    [
      vm(PAGES),
      undefined,
      4097,
      "VM 'web' cannot have 4097 MiB: it has huge pages, and that is no multiple of 2 MiB",
      '',
    ],
  ])('is refused: %#', (facts, vcpus, memory, words, more) => {
    const told = refusal(facts, vcpus, memory);
    expect(told).toContain(words);
    expect(told).toContain(more);
  });
});
