import type { CommandRecord } from '../../record/command.ts';
import type { Candidate } from '../../record/completer.ts';
import { settingsOf } from '../../settings/settings.ts';
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
  about: 'list the VMs that run, made by plow or not',
  options: [
    { flags: '--all', about: 'list stopped VMs as well' },
    {
      flags: '-o, --output <format>',
      about: 'a table, with more columns, or something for programs',
      choices: FORMATS,
      defaultValue: 'table',
    },
    {
      flags: '--columns <names>',
      about: 'show these columns, with commas between them',
      completes: { kind: 'words', words: columnWords, isList: true },
    },
    {
      flags: '--sort <column>',
      about: 'sort by a column; with a minus before it, largest first',
      completes: { kind: 'words', words: sortWords },
    },
    {
      flags: '--filter <key=value>',
      about: 'show those that match; again for more: any value of one key, and every key',
      parse: (one, before) => (Array.isArray(before) ? [...before, one] : [one]),
      completes: { kind: 'words', words: filterWords },
    },
    { flags: '--watch', about: 'show it again whenever something has changed, until Ctrl-C' },
    { flags: '--no-headers', about: 'leave out the line of titles' },
    {
      flags: '--no-trunc',
      about: 'cut nothing and leave no column out where the terminal is too narrow',
    },
  ],
  notes: `Columns: name, state, vcpus, memory, address, used, cpu, declared, seen, mac, bridge,
disks, image, autostart, persistent, made, created, tags, description, directory, uuid.
DECLARED is the address that the VM was made with, SEEN what its guest agent, libvirt's
DHCP server or the host's table of neighbours tell; IP ADDRESS is the first of them. A
guest that does not answer is waited for at most 2 seconds, whatever their number.

Filters: name, state, tag, bridge, image; * and ? stand for any text and any character.
A filter by state looks at stopped VMs too.

In a terminal that is too narrow long columns are cut, which … marks, and then columns are
left out, the least important first, which is said. A name is never cut, nor is a UUID.

With --watch libvirt tells plow of changes; nothing is asked meanwhile. What it does not tell
of (autostart, CPUs that are plugged in, ages) shows with the next change. In a pipe, or with
--verbose, each change is a new table (or document), after an empty line.`,
  examples: [
    'plow list',
    'plow list --all -o wide',
    'plow ls --columns name,address,tags --sort -memory',
    'plow list --filter state=paused --filter state=crashed',
    "plow list --filter 'name=web-*' --filter bridge=br0 --no-headers",
    'plow list --all -o wide --no-trunc | less -S',
    'plow list --all --watch',
    "plow list -o json | jq -r '.vms[] | select(.autostart) | .name'",
    `for vm in $(plow list -o name); do virsh suspend "$vm"; done`,
  ],
  async run({ options, globals, environment }) {
    const { runList } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'the connection');
    return runList(options, settings, environment);
  },
};
