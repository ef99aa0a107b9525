import type { CommandRecord } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';
import { intervalMs, tableCount } from './numbers.ts';
import type { TopOptions } from './run.ts';

const SORTS: readonly TopOptions['sort'][] = ['cpu', 'memory', 'disk', 'net', 'name'];

export const top: CommandRecord<readonly [], TopOptions> = {
  name: 'top',
  about: 'show what running VMs do: CPU, memory, disks, network',
  args: [],
  options: [
    {
      flags: '-s, --sort <what>',
      about: 'the most of what comes first: cpu, memory, disk, net; or the VMs by name',
      choices: SORTS,
      defaultValue: 'cpu',
    },
    { flags: '-r, --reverse', about: 'the least first' },
    {
      flags: '--interval <time>',
      about: 'how long from one look to the next: 2s, unless another time of 500ms or more is given',
      parse: intervalMs,
    },
    { flags: '-n, --count <number>', about: 'end after so many tables', parse: tableCount },
    {
      flags: '-o, --output <format>',
      about: 'a table that goes on, or one document for programs',
      choices: ['table', 'json'],
      defaultValue: 'table',
    },
  ],
  notes: `CPU % is of one CPU of the hypervisor: 200 are two that do nothing else. USED is what the guest says it
uses of its MEMORY, else what QEMU has of the hypervisor's. Disks and interfaces of a VM are added up.
The first table is there after two looks. A VM that was started since has no numbers until the next.

In a terminal: P, M, D, N and A sort by CPU, memory, disks, network and name; R turns the order round,
the space bar looks at once, q ends. In a pipe each look prints a table, after an empty line.

With --host hv1,hv2 or --all-hosts each hypervisor is asked by itself: one that does not answer, or a
QEMU that hangs, holds no other up.`,
  examples: [
    'plow top',
    'plow --all-hosts top --sort memory',
    'plow top --reverse --interval 10s',
    'plow top -n 1',
    "plow top -o json | jq -r '.vms[] | select(.cpu_percent > 90) | .name'",
  ],
  async run({ options, globals, environment }) {
    const all = await allSettingsOf(globals, environment, 'the connection');
    const { runTop } = await import('./run.ts');
    return runTop(options, all, environment);
  },
};
