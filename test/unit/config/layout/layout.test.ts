import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../../../src/config/vm-file/load.ts';
import { cpuSetMistake, cpuSetText, parseCpuSet } from '../../../../src/config/values/layout/cpu-set.ts';
import { changed, outcome } from '../sample.ts';

/** The smallest file has two CPUs and 4 GiB. */
function withKeys(keys: string): string {
  return changed('vcpus: 2\n', `vcpus: 2\n${keys}\n`);
}

function layoutOf(keys: string): unknown {
  return loadMachine('vm.yaml', withKeys(keys), { virtType: undefined }).machine.layout;
}

describe('a set of CPUs', () => {
  it.each([
    [2, '2'],
    ['2', '2'],
    ['2-5,8', '2-5,8'],
    ['8, 2-5', '2-5,8'],
    [[3, 2], '2-3'],
    [[0, '2-3', 9], '0,2-3,9'],
  ])('is %j', (said, text) => {
    expect(cpuSetMistake(said)).toBeUndefined();
    expect(cpuSetText(parseCpuSet(said) ?? [])).toBe(text);
  });

  it.each([
    ['2..5', 'found the text "2..5"; did you mean 2-5?'],
    ['0 1', 'found the text "0 1"; did you mean 0,1?'],
    ['5-2', '5-2 ends before it begins; did you mean 2-5?'],
    ['0-7,^3', 'cannot leave CPUs out (^3): write those that are meant'],
    ['1,1', 'has CPU 1 twice'],
    ['0-99999', 'has CPU 99999, and no host has more than 16384'],
    [-1, 'found the number -1'],
    [[], 'has no CPU in it'],
    [{}, 'found a map'],
    [undefined, 'is required (numbers of CPUs, such as 0-3)'],
  ])('is not %j', (said, words) => {
    expect(cpuSetMistake(said)?.text).toContain(words);
    expect(parseCpuSet(said)).toBeUndefined();
  });
});

describe('a layout', () => {
  it.each([
    ['cpu: { threads: 2 }', { sockets: 1, dies: 1, cores: 1, threads: 2 }],
    ['cpu: { cores: 1 }', { sockets: 2, dies: 1, cores: 1, threads: 1 }],
    ['vcpus_max: 8\ncpu: { sockets: 2, threads: 2 }', { sockets: 2, dies: 1, cores: 2, threads: 2 }],
    ['cpu: { sockets: 1, dies: 1, cores: 2 }', { sockets: 1, dies: 1, cores: 2, threads: 1 }],
  ])('has its topology filled in: %s', (keys, topology) => {
    expect(layoutOf(keys)).toMatchObject({ topology });
  });

  it('is none where nothing is said', () => {
    expect(layoutOf('hugepages: false')).toBeUndefined();
  });

  it.each([
    [
      'vcpus_max: 1',
      'vm.yaml:3:12: vcpus_max: the VM has more than that from the start (vcpus: 2); leave it out, or write 2 or more',
    ],
    [
      'memory_max_mib: 4095',
      'vm.yaml:3:17: memory_max_mib: the VM has more than that from the start (memory_gib: 4); leave it out, or write more',
    ],
    [
      'cpu_mode: maximum\ncpu: { mode: maximum }',
      'vm.yaml:4:14: cpu.mode: cpu_mode says it already; keep one of them',
    ],
    [
      'cpu: { mode: maximum }\ncpu_mode: maximum',
      'vm.yaml:4:11: cpu_mode: cpu.mode says it already; keep one of them',
    ],
    ['cpu: { model: EPYC }', 'vm.yaml:3:15: cpu.model: a model needs cpu.mode: custom'],
    [
      'cpu: { mode: custom }',
      'vm.yaml:3:14: cpu.mode: custom needs a model: write cpu.model, such as EPYC-Rome',
    ],
    [
      'cpu: { mode: custum, model: EPYC }',
      'vm.yaml:3:14: cpu.mode: must be host-model or host-passthrough or maximum or custom, got "custum"; did you mean custom?',
    ],
    [
      'cpu: { sockets: 1, dies: 1, cores: 3, threads: 1 }',
      'vm.yaml:3:48: cpu.threads: sockets: 1, dies: 1, cores: 3, threads: 1 make 3 virtual CPUs, and vcpus says 2: libvirt wants the same number',
    ],
    ['cpu: { cores: 3 }', 'vm.yaml:3:15: cpu.cores: cores: 3 make 3, of which 2 (vcpus) is no multiple'],
    ['cpu: { pin: { 2: 0 } }', 'vm.yaml:3:15: cpu.pin.2: there is no virtual CPU 2: they are 0-1 (vcpus: 2)'],
    [
      'cpu: { pin: { a: 0 } }',
      'vm.yaml:3:15: cpu.pin.a: must be the number of a virtual CPU, or a range of them such as 0-3',
    ],
    [
      'cpu: { pin: { 0: [1, x] } }',
      'vm.yaml:3:22: cpu.pin.0[1]: expected numbers of CPUs, such as 2, or 2-5,8, or [2, 3], found the text "x"',
    ],
    [
      'cpu: 2',
      'vm.yaml:3:6: cpu: expected a map of keys such as cores, found the number 2 (how many CPUs it has is vcpus)',
    ],
    [
      'vcpus_max: 5000000000\nnuma: [{ cpus: 0-1, memory_gib: 4 }]',
      'vm.yaml:3:12: vcpus_max: must be at most 4096 (more than any guest can have), got 5000000000',
    ],
    ['numa: [{ cpus: 0, memory_gib: 4 }]', 'vm.yaml:3:7: numa: virtual CPU 1 is in no node (vcpus: 2)'],
    [
      'numa: [{ cpus: 0-1, memory_gib: 3 }]',
      'vm.yaml:3:7: numa: the node has 3 GiB in all, and the VM 4 GiB (memory_gib): libvirt would take the sum',
    ],
    [
      'numa: [{ cpus: 0-1, memory_gib: 2 }, { cpus: 1, memory_gib: 2 }]',
      'vm.yaml:3:46: numa[1].cpus: virtual CPU 1 is in numa[0] already',
    ],
    [
      'numa: [{ cpus: 0-1 }]',
      'vm.yaml:3:8: numa[0].memory_gib: is required (a whole number, or memory_mib instead)',
    ],
    [
      'memory_max_gib: 8\nnuma: [{ cpus: 0-1, memory_gib: 4 }]',
      'vm.yaml:4:7: numa: the node has 4 GiB in all, and the VM 8 GiB (memory_max_gib): libvirt would take the sum',
    ],
    [
      'memory_max_mib: 4097\nhugepages: 2MiB',
      'vm.yaml:3:17: memory_max_mib: is no multiple of the huge pages (2MiB); write 4096 or 4098 MiB',
    ],
    [
      'hugepages: 2MB',
      'vm.yaml:3:12: hugepages: must be true or 2MiB or 1GiB or false, got "2MB"; did you mean 2MiB?',
    ],
    [
      'arch: aarch64\nvcpus_max: 4',
      'vm.yaml:4:12: vcpus_max: a VM of aarch64 gets no virtual CPUs while it runs: leave it out',
    ],
    [
      'arch: aarch64\ncpu: { dies: 2 }',
      'vm.yaml:4:14: cpu.dies: a VM of aarch64 has no dies: write 1, or leave it out',
    ],
    ['cpu: { sockets: 0 }', 'vm.yaml:3:17: cpu.sockets: must be at least 1, got 0'],
    ['cpu: { dies: two }', 'vm.yaml:3:14: cpu.dies: expected a whole number, found the text "two"'],
    ['cpu: { cores: 1.5 }', 'vm.yaml:3:15: cpu.cores: expected a whole number, found the number 1.5'],
    ['cpu: { threads: -1 }', 'vm.yaml:3:17: cpu.threads: must be at least 1, got -1'],
    [
      'cpu: { emulator: x }',
      'vm.yaml:3:18: cpu.emulator: expected numbers of CPUs, such as 2, or 2-5,8, or [2, 3], found the text "x"',
    ],
    ['cpu: { socket: 1 }', "vm.yaml:3:8: cpu.socket: unknown key; did you mean 'sockets'?"],
    ['cpu: { pin: [0] }', 'vm.yaml:3:13: cpu.pin: expected a map of keys, found a list'],
    [
      'cpu: { mode: custom, model: "a b" }',
      'vm.yaml:3:29: cpu.model: must be a CPU model as libvirt calls it, such as EPYC-Rome or Skylake-Server, got "a b"',
    ],
    [
      'numa: {}',
      'vm.yaml:3:7: numa: expected a list, found a map (write each item on a line of its own, after "- ")',
    ],
    [
      'numa: [{ cpus: x, memory_gib: 4 }]',
      'vm.yaml:3:16: numa[0].cpus: expected numbers of CPUs, such as 2, or 2-5,8, or [2, 3], found the text "x"',
    ],
    [
      'numa: [{ cpus: 0-1, memory_gib: 4, host_node: -1 }]',
      'vm.yaml:3:47: numa[0].host_node: must be at least 0, got -1',
    ],
    [
      'numa: [{ cpus: 0-1, memory_gib: 4, node: 0 }]',
      'vm.yaml:3:36: numa[0].node: unknown key; known here are cpus, memory_gib, memory_mib, host_node',
    ],
    ['numa: [{ memory_gib: 4 }]', 'vm.yaml:3:8: numa[0].cpus: is required (numbers of CPUs, such as 0-3)'],
    [
      'numa: [{ cpus: 0-2, memory_gib: 4 }]',
      'vm.yaml:3:16: numa[0].cpus: there is no virtual CPU 2: they are 0-1 (vcpus: 2)',
    ],
    ['numa: [{ cpus: 0-1, memory_gib: 0 }]', 'vm.yaml:3:33: numa[0].memory_gib: must be at least 1, got 0'],
    ['hugepages: 3', 'vm.yaml:3:12: hugepages: must be true or 2MiB or 1GiB or false, got the number 3'],
    ['vcpus_max: four', 'vm.yaml:3:12: vcpus_max: expected a whole number, found the text "four"'],
    [
      'memory_max_gib: 4.5',
      'vm.yaml:3:17: memory_max_gib: must be a whole number; for 4.5 GiB write memory_max_mib: 4608 instead',
    ],
    [
      'memory_max_gib: 8\nmemory_max_mib: 8192',
      'vm.yaml:4:17: memory_max_mib: memory_max_gib says how much already; keep one of them',
    ],
  ])('cannot be %s', (keys, words) => {
    expect(outcome(withKeys(keys))).toStrictEqual(['validation', words]);
  });

  it('whose mode the file says gets none from the settings', () => {
    const fill = { values: { cpu_mode: 'maximum' as const }, whereIs: () => 'plow.yaml:1:1' };
    const { machine } = loadMachine('vm.yaml', withKeys('cpu: { mode: custom, model: EPYC }'), {
      virtType: undefined,
      fill,
    });
    expect(machine.cpuMode).toBe('custom');
  });
});
