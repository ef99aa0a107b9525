import { expect, it } from 'vitest';
import { loadMachine } from '../../../../src/config/vm-file/load.ts';
import { showDocument } from '../../../../src/views/show/document.ts';
import { showLines } from '../../../../src/views/show/text.ts';
import { changed } from '../../config/sample.ts';
import { FakeHypervisor } from '../fake-hypervisor.ts';
import { ownDocument, shown } from '../shown.ts';

const { machine } = loadMachine(
  'vm.yaml',
  changed(
    'vcpus: 2\n',
    `vcpus: 2
cpu: { mode: custom, model: EPYC, cores: 2, pin: { 0: [2], 1: 4-5 }, emulator: 0-1 }
numa: [{ cpus: 0, memory_gib: 1, host_node: 0 }, { cpus: 1, memory_gib: 3, host_node: 1 }]
hugepages: 2MiB
`,
  ),
  { virtType: undefined },
);

function host(document = ownDocument('ready', machine)): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDomain('my-vm', document, 'shut off');
  hypervisor.status = { autostart: true, vcpus: 2, memoryKib: 2 ** 22, currentMemoryKib: 2 ** 22 };
  return hypervisor;
}

it('has a layout in lines and for programs', async () => {
  const details = await shown(host());
  const lines = showLines(details, new Date('2026-11-21T10:00:00Z')).join('\n');
  for (const line of [
    /CPU model: +EPYC$/mu,
    /Topology: +1 socket, 1 die, 2 cores, 1 thread$/mu,
    /Pinned: +0 on 2, 1 on 4-5$/mu,
    /Emulator on: +0-1$/mu,
    /NUMA: +CPUs 0, 1 GiB of node 0; CPUs 1, 3 GiB of node 1$/mu,
    /Huge pages: +2MiB$/mu,
  ])
    expect(lines).toMatch(line);
  expect(lines).not.toContain('Differences');
  expect(showDocument('qemu:///system', details)).toMatchObject({
    vm: {
      cpu_model: 'EPYC',
      cpu_topology: { sockets: 1, dies: 1, cores: 2, threads: 1 },
      emulator_cpus: '0-1',
      hugepages: '2MiB',
    },
  });
});

it('tells what somebody has changed of it', async () => {
  const other = ownDocument('ready', machine).replace('cpuset="2"', 'cpuset="3"');
  const lines = showLines(await shown(host(other)), new Date('2026-11-21T10:00:00Z')).join('\n');
  expect(lines).toMatch(/pinned CPUs.*0 on 2, 1 on 4-5/u);
  expect(lines).toContain('0 on 3, 1 on 4-5');
});
