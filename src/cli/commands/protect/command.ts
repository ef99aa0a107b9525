import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { SELECTION_OPTIONS, selectionOf, VM_NAMES } from '../../options/selection.ts';
import type { SelectionOptions } from '../../options/selection.ts';
import type { Call, CommandRecord } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';

interface Options extends OutputFormat, SelectionOptions {
  readonly quiet?: boolean;
}

type Names = readonly [readonly string[]];

const OPTIONS = [
  ...SELECTION_OPTIONS,
  outputOption('text for people, or a JSON document for each VM'),
  quietOption('output'),
];

export const protect: CommandRecord<Names, Options> = {
  name: 'protect',
  about: 'have plow refuse to destroy VMs',
  args: [VM_NAMES],
  options: OPTIONS,
  notes: `A VM that is protected is not destroyed until plow unprotect lifts it, whatever options are given.
It is for VMs that plow has not made as well: a mark in the metadata of the domain is all that changes. Other
tools, such as virsh, do not know it.`,
  examples: [
    'plow protect db',
    "plow protect 'db-*'",
    'plow protect --tag prod',
    'plow protect --all',
    'plow protect -o json db | jq -r .status',
    'plow protect --quiet db',
    'plow list --all --columns name,state,protected',
  ],
  run: (call) => runIt(call, 'protect'),
};

export const unprotect: CommandRecord<Names, Options> = {
  name: 'unprotect',
  about: 'let VMs that plow protect protects be destroyed again',
  args: [VM_NAMES],
  options: OPTIONS,
  examples: [
    'plow unprotect db',
    "plow unprotect 'db-*'",
    'plow unprotect --tag prod',
    'plow unprotect --all',
    'plow unprotect -o json db | jq -r .status',
    'plow unprotect --quiet db',
  ],
  run: (call) => runIt(call, 'unprotect'),
};

async function runIt(
  { args: [names], options, globals, environment }: Call<Names, Options>,
  action: 'protect' | 'unprotect',
): Promise<number> {
  const selection = selectionOf(action, names, options);
  const { runProtect } = await import('./run.ts');
  const all = await allSettingsOf(globals, environment, 'the connection');
  const format = options.quiet === true ? 'quiet' : options.output;
  await runProtect(action, selection, format, all, environment);
  return 0;
}
