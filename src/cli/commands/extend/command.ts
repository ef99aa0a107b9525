import { lifetimeOrNever } from '../../options/lifetime.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { SELECTION_OPTIONS, selectionOf, VM_NAMES } from '../../options/selection.ts';
import type { SelectionOptions } from '../../options/selection.ts';
import type { CommandRecord } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';

interface Options extends OutputFormat, SelectionOptions {
  /** Minutes. */
  readonly for?: number | 'never';
  readonly quiet?: boolean;
}

export const extend: CommandRecord<readonly [readonly string[]], Options> = {
  name: 'extend',
  about: 'have VMs that expire live longer',
  args: [VM_NAMES],
  options: [
    {
      flags: '--for <duration>',
      about: 'how long from now on: 45m, 12h, 7d, 2w; never: the VM does not expire any more',
      parse: lifetimeOrNever,
    },
    ...SELECTION_OPTIONS,
    outputOption('text for people, or a JSON document for each VM'),
    quietOption('output'),
  ],
  notes: `A VM expires where its file has expires: 7d, or it was made by plow create --for 7d. Nothing
happens by itself then: plow gc ends what has expired. plow list shows who does.

A VM that does not expire, or expires later anyway, stays as it is. The clock that counts is that of
the machine that plow runs on.`,
  examples: [
    'plow extend --for 3d my-vm',
    "plow extend --for 12h 'test-*'",
    'plow extend --for 2w --tag ci',
    'plow extend --for never my-vm',
    'plow extend --for 7d --all',
    'plow extend --for 7d -o json my-vm | jq -r .status',
    'plow extend --for 7d --quiet my-vm',
  ],
  async run({ args: [names], options, globals, environment, refuse }) {
    const selection = selectionOf('extend', names, options);
    const extension = options.for;
    if (extension === undefined) return refuse('extend wants --for: how long from now on, such as 7d');
    const { runExtend } = await import('./run.ts');
    const all = await allSettingsOf(globals, environment, 'the connection');
    const format = options.quiet === true ? 'quiet' : options.output;
    await runExtend(selection, extension, format, all, environment);
    return 0;
  },
};
