import { expect, it } from 'vitest';
import { checkHugepages } from '../../../../src/vm/doctor/devices/hugepages.ts';
import type { TestContext } from '../context.ts';
import { host, look } from './look.ts';

const FLAW = 'hugetlbfs filesystem is not mounted';
const WITH_PAGES = '<domain><name>db</name><memoryBacking><hugepages/></memoryBacking></domain>';

interface Has {
  readonly free?: number;
  readonly flaw?: string;
  readonly vm?: boolean;
  readonly nodes?: readonly number[];
  readonly sizes?: readonly number[];
}

/** @param nodes of the hypervisor @param sizes of huge pages that its kernel knows, in KiB */
function hostWith({ free = 0, flaw, vm = false, nodes = [0], sizes = [2048, 1_048_576] }: Has): TestContext {
  return host((hypervisor) => {
    hypervisor.topology = `<cpu>${sizes.map((kib) => `<pages unit='KiB' size='${kib}'/>`).join('')}</cpu>
      <topology><cells num='${nodes.length}'>${nodes.map((id) => `<cell id='${id}'/>`).join('')}</cells></topology>`;
    hypervisor.hugepageFlaw = flaw;
    for (const node of nodes) hypervisor.pages.set(`${node} 2048`, free);
    if (vm) hypervisor.addDomain('db', WITH_PAGES, 'shut off');
  });
}

it.each([
  ['none set apart', {}, 'ok: 1 NUMA node; free huge pages: 0 of 2 MiB, 0 of 1 GiB'],
  [
    'some on two nodes, of which one is far',
    { free: 4, nodes: [0, 8] },
    'ok: 2 NUMA nodes; free huge pages: 8 of 2 MiB, 0 of 1 GiB',
  ],
  [
    'some that nobody wants',
    { free: 4, flaw: FLAW },
    'ok: 1 NUMA node; free huge pages: 4 of 2 MiB, 0 of 1 GiB; libvirt cannot use them, and no VM has need of them',
  ],
  [
    'none that libvirt can use, and a VM that wants them',
    { flaw: FLAW, vm: true },
    `warning: libvirt cannot use huge pages (${FLAW}): VM 'db' cannot start → mount -t hugetlbfs hugetlbfs /dev/hugepages && systemctl restart libvirtd (or virtqemud)`,
  ],
  [
    'a VM that can have them',
    { free: 4, vm: true },
    'ok: 1 NUMA node; free huge pages: 4 of 2 MiB, 0 of 1 GiB',
  ],
  ['a kernel without any', { sizes: [4] }, 'ok: 1 NUMA node; the kernel has no huge pages'],
  [
    'a libvirt that does not tell',
    { nodes: [] },
    'unknown: not checked: libvirt does not tell which NUMA nodes and huge pages there are',
  ],
])('a hypervisor with %s', async (_, has, words) => {
  expect(await look(checkHugepages, hostWith(has))).toStrictEqual([words]);
});

it('without QEMU there is nothing to look for', async () => {
  const context = host((hypervisor) => (hypervisor.virtTypes = []));
  expect(await look(checkHugepages, context)).toStrictEqual(['unknown: not checked: there is no QEMU']);
});
