import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { SELECTION_OPTIONS, selectionOf, VM_NAMES } from '../../options/selection.ts';
import type { SelectionOptions } from '../../options/selection.ts';
import type { CommandRecord } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';

interface Options extends OutputFormat, SelectionOptions {
  readonly off?: boolean;
  readonly quiet?: boolean;
}

export const undelete: CommandRecord<readonly [readonly string[]], Options> = {
  name: 'undelete',
  about: 'bring back VMs that were destroyed with --undo-within',
  args: [VM_NAMES],
  options: [
    { flags: '--off', about: 'do not start those that ran' },
    ...SELECTION_OPTIONS.map((option) =>
      option.flags === '--all'
        ? { ...option, about: 'all VMs that are destroyed and can come back' }
        : option,
    ),
    outputOption('text for people, or a JSON document for each VM'),
    quietOption('output'),
  ],
  notes: `A VM comes back as it was: it runs if it ran, and starts with the host if it did. Patterns,
--tag and --all are about VMs that are destroyed alone; plow list --all shows them.`,
  examples: [
    'plow undelete my-vm',
    "plow undelete 'test-*'",
    'plow undelete --tag ci',
    'plow undelete --all',
    'plow undelete --off my-vm',
    'plow undelete -o json my-vm | jq -r .status',
    'plow undelete --quiet my-vm',
  ],
  async run({ args: [names], options, globals, environment }) {
    const selection = { ...selectionOf('undelete', names, options), isOfDestroyed: true };
    const { runUndelete } = await import('./run.ts');
    const all = await allSettingsOf(globals, environment, 'the connection');
    const format = options.quiet === true ? 'quiet' : options.output;
    await runUndelete(selection, options.off === true, format, all, environment);
    return 0;
  },
};
