import { describe, expect, it } from 'vitest';
import type { Layout } from '../../../../src/config/machine/layout.ts';
import { loadMachine } from '../../../../src/config/vm-file/load.ts';
import { readCapabilities } from '../../../../src/libvirt-xml/read/capabilities.ts';
import { inspectLayout } from '../../../../src/vm/create/layout/check-layout.ts';
import { changed } from '../../config/sample.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { inspectionOf } from '../inspection.ts';
import type { Told } from '../inspection.ts';

const KIND = { arch: 'x86_64', virtType: 'kvm' } as const;

/** Two nodes of 2 GiB, with CPUs 0, 1 and 4, 5: 2 and 3 are switched off. */
const NODES = [
  [0, [0, 1]],
  [1, [4, 5]],
] as const;
const TOPOLOGY = `<capabilities><host>
  <cpu><pages unit='KiB' size='4'/><pages unit='KiB' size='2048'/></cpu>
  <topology><cells num='2'>${NODES.map(
    ([id, cpus]) =>
      `<cell id='${id}'><memory unit='KiB'>${2 * 2 ** 20}</memory><cpus>${cpus.map((cpu) => `<cpu id='${cpu}'/>`).join('')}</cpus></cell>`,
  ).join('')}</cells></topology></host></capabilities>`;

interface Host {
  readonly capabilities?: string;
  readonly change?: (context: TestContext) => void;
}

/** What the checks say of keys of a VM with two CPUs and 4 GiB. */
async function said(keys: string, { capabilities = TOPOLOGY, change }: Host = {}): Promise<Told> {
  const { machine } = loadMachine('vm.yaml', changed('vcpus: 2\n', `vcpus: 2\n${keys}\n`), {
    virtType: undefined,
  });
  const context = testContext();
  change?.(context);
  const told: Told = { diagnostics: [], notChecked: [] };
  const inspection = { ...inspectionOf(context, told), host: readCapabilities(capabilities) };
  await inspectLayout(machine, KIND, inspection);
  return told;
}

const CELLS = (first: number, second: number): string =>
  `numa: [{ cpus: 0, memory_mib: ${first}, host_node: 0 }, { cpus: 1, memory_mib: ${second}, host_node: 1 }]`;

describe('places of a VM', () => {
  it.each([
    'vcpus_max: 4',
    'cpu: { pin: { 0: 0-1, 1: [4, 5] }, emulator: [0, 4] }',
    CELLS(2048, 2048),
    'numa: [{ cpus: 0-1, memory_gib: 4 }]',
  ])('are there: %s', async (keys) => {
    expect(await said(keys)).toStrictEqual({ diagnostics: [], notChecked: [] });
  });

  it.each([
    [
      'cpu: { pin: { 1: 2-4 } }',
      'cpu.pin.1: this hypervisor has no CPUs 2-3, or has it switched off: it has 0-1,4-5',
    ],
    [
      'cpu: { pin: { 0: 6, 1: 6 } }',
      'cpu.pin.0: this hypervisor has no CPU 6, or has it switched off: it has 0-1,4-5',
    ],
    [
      'cpu: { emulator: 7 }',
      'cpu.emulator: this hypervisor has no CPU 7, or has it switched off: it has 0-1,4-5',
    ],
    [
      'numa: [{ cpus: 0-1, memory_gib: 4, host_node: 2 }]',
      'numa.0.host_node: this hypervisor has no node 2: it has 0-1',
    ],
    [CELLS(1024, 3072), 'numa.1.memory_gib: 3 GiB is more than node 1 has (2 GiB)'],
  ])('are not there: %s', async (keys, words) => {
    expect((await said(keys)).diagnostics).toStrictEqual([words]);
  });

  it('are not known where libvirt tells of no node', async () => {
    expect(await said('cpu: { emulator: 7 }', { capabilities: '<capabilities/>' })).toStrictEqual({
      diagnostics: [],
      notChecked: [{ check: 'cpus', why: 'libvirt does not tell which there are' }],
    });
  });
});

const pages =
  (...free: readonly number[]): NonNullable<Host['change']> =>
  ({ hypervisor }) =>
    free.forEach((count, node) => hypervisor.pages.set(`${node} 2048`, count));

function unmounted(context: TestContext): void {
  pages(2048, 2048)(context);
  context.hypervisor.hugepageFlaw = 'hugetlbfs filesystem is not mounted';
}

describe('huge pages', () => {
  it.each([
    ['all of them', 'hugepages: 2MiB', [1024, 1024]],
    ['of the own size of the hypervisor', 'hugepages: true', [2048, 0]],
    [
      'on their nodes',
      `hugepages: 2MiB\n${CELLS(1024, 3072).replace('3072', '2048').replace('1024', '2048')}`,
      [1024, 1024],
    ],
  ])('are free: %s', async (_, keys, free) => {
    expect(await said(keys, { change: pages(...free) })).toStrictEqual({ diagnostics: [], notChecked: [] });
  });

  it.each([
    [
      'hugepages: 2MiB',
      [1024, 1023],
      'hugepages: the VM takes 2048 pages of 2 MiB, and the hypervisor has 2047 free (sysctl vm.nr_hugepages sets some apart)',
    ],
    [
      'memory_max_gib: 6\nhugepages: 2MiB',
      [1024, 1024],
      'hugepages: the VM takes 3072 pages of 2 MiB, and the hypervisor has 2048 free (sysctl vm.nr_hugepages sets some apart)',
    ],
    [
      `hugepages: 2MiB\n${CELLS(2048, 2048)}`,
      [2048, 0],
      'numa.1.host_node: the VM takes 1024 pages of 2 MiB, and node 1 has none free (sysctl vm.nr_hugepages sets some apart)',
    ],
    ['hugepages: 1GiB', [9, 9], 'hugepages: this hypervisor has no pages of 1 GiB: it has 2 MiB'],
  ])('are not there: %s', async (keys, free, words) => {
    expect((await said(keys, { change: pages(...free) })).diagnostics).toStrictEqual([words]);
  });

  it('are of no use where libvirt cannot take them', async () => {
    expect((await said('hugepages: 2MiB', { change: unmounted })).diagnostics).toStrictEqual([
      'hugepages: libvirt cannot use huge pages (hugetlbfs filesystem is not mounted): mount -t hugetlbfs hugetlbfs /dev/hugepages there, and restart its daemon',
    ]);
  });

  it.each([
    ['flawOf', 'libvirt does not tell whether it can use them'],
    ['freePages', 'libvirt does not tell how many are free'],
  ])('are not known where a connection is not told: %s', async (call, why) => {
    const change = (context: TestContext): void => {
      pages(2048)(context);
      context.hypervisor.fault = (made) => (made === call ? 'forbidden' : undefined);
    };
    expect(await said('hugepages: 2MiB', { change })).toStrictEqual({
      diagnostics: [],
      notChecked: [{ check: 'hugepages', why }],
    });
  });
});

it('nothing is asked for a VM without a layout', async () => {
  const { hypervisor } = testContext();
  const { machine } = loadMachine('vm.yaml', changed('vcpus: 2\n', 'vcpus: 2\n'), { virtType: undefined });
  const layout: Layout | undefined = machine.layout;
  expect([layout, hypervisor.calls]).toStrictEqual([undefined, []]);
});
