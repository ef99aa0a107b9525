import type { CommandRecord } from '../../record/command.ts';
import type { Candidate } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';
import type { ListOptions } from './plan.ts';

const FORMATS: readonly ListOptions['output'][] = ['table', 'wide', 'json', 'yaml', 'name', 'csv'];

async function columnWords(): Promise<readonly Candidate[]> {
  const { vmColumns } = await import('../../../views/list/columns.ts');
  return vmColumns(new Date()).map(({ name, title }) => ({ word: name, about: title }));
}

async function sortWords(): Promise<readonly Candidate[]> {
  return (await columnWords()).flatMap(({ word }) => [{ word }, { word: `-${word}` }]);
}

async function filterWords(): Promise<readonly Candidate[]> {
  const { FILTER_KEYS } = await import('./filters.ts');
  const { VM_STATES } = await import('../../../documents/states.ts');
  return [...FILTER_KEYS.map((key) => `${key}=`), ...VM_STATES.map((state) => `state=${state}`)].map(
    (word) => ({
      word,
    }),
  );
}

export const list: CommandRecord<readonly [], ListOptions> = {
  name: 'list',
  alias: 'ls',
  about: 'list running VMs, made by plow or not',
  options: [
    { flags: '--all', about: 'list stopped VMs as well' },
    {
      flags: '-o, --output <format>',
      about: 'a table, one with more columns (wide), or a format for programs',
      choices: FORMATS,
      defaultValue: 'table',
    },
    {
      flags: '--columns <names>',
      about: 'the columns to show, separated by commas',
      completes: { kind: 'words', words: columnWords, isList: true },
    },
    {
      flags: '--sort <column>',
      about: 'sort by a column; -column puts the largest first',
      completes: { kind: 'words', words: sortWords },
    },
    {
      flags: '--filter <key=value>',
      about:
        'show VMs that match; may be repeated: one key matches any of its values, different keys must all match',
      parse: (one, before) => (Array.isArray(before) ? [...before, one] : [one]),
      completes: { kind: 'words', words: filterWords },
    },
    { flags: '--watch', about: 'print the list again at each change, until Ctrl-C' },
    { flags: '--no-headers', about: 'leave out the header line' },
    {
      flags: '--no-trunc',
      about: 'do not fit the table to the terminal: cut nothing, leave no column out',
    },
  ],
  notes: `With --host hv1,hv2, --host label:prod or --all-hosts several hypervisors are asked at the same time;
what each has is printed as it comes, and the others do not wait for one that does not answer.

Columns: name, state, vcpus, memory, address, used, cpu, declared, seen, mac, bridge,
boot, disks, image, autostart, persistent, made, protected, expires, missing, created, tags,
description, directory, uuid, host.
DECLARED is the address that the VM was made with, SEEN what its guest agent, libvirt's
DHCP server or the host's table of neighbours tell; IP ADDRESS is the first of them. All
guests together have 2 seconds to answer.

Filters: name, state, tag, bridge, image; * and ? stand for any text and any character.
A filter by state looks at stopped VMs too.

In a narrow terminal long columns are cut, marked with …, and then the least important columns
are left out, which a note says. Names and UUIDs are never cut.

With --watch plow waits for libvirt's events. What has no event (autostart, CPUs that are
plugged in, ages) shows with the next change. In a pipe, or with --verbose, each change prints
a new table (or document), after an empty line.`,
  examples: [
    'plow list',
    'plow list --all -o wide',
    'plow ls --columns name,address,tags --sort -memory',
    'plow list --filter state=paused --filter state=crashed',
    "plow list --filter 'name=web-*' --filter bridge=br0 --no-headers",
    'plow list --all -o wide --no-trunc | less -S',
    'plow list --all --watch',
    'plow list --all-hosts --all',
    'plow list --host label:prod -o wide',
    "plow list -o json | jq -r '.vms[] | select(.autostart) | .name'",
    `for vm in $(plow list -o name); do virsh suspend "$vm"; done`,
  ],
  async run({ options, globals, environment }) {
    const { runList } = await import('./run.ts');
    const [settings, ...others] = await allSettingsOf(globals, environment, 'the connection');
    if (settings === undefined) throw new Error('there is one host at least');
    if (!settings.isOfSeveral) return runList(options, settings, environment);
    const { runListOfHosts } = await import('./hosts.ts');
    return runListOfHosts(options, [settings, ...others], environment);
  },
};
