import { PlowError } from '../../../errors/plow-error.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { SELECTION_OPTIONS, selectionOf, VM_NAMES } from '../../options/selection.ts';
import type { SelectionOptions } from '../../options/selection.ts';
import { diskSizeOf, memoryMibOf, vcpusOf } from '../../options/sizes.ts';
import type { CommandRecord } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';

interface Options extends OutputFormat, SelectionOptions {
  readonly quiet?: boolean;
  readonly vcpus?: number;
  /** MiB. */
  readonly memory?: number;
  /** GiB by target. */
  readonly disk?: ReadonlyMap<string, number>;
}

export const resize: CommandRecord<readonly [readonly string[]], Options> = {
  name: 'resize',
  about: 'give VMs more or less of memory and CPUs, and larger disks',
  args: [VM_NAMES],
  options: [
    { flags: '--vcpus <count>', about: 'how many CPUs', parse: vcpusOf },
    { flags: '--memory <gib>', about: 'how much memory, in GiB', parse: memoryMibOf },
    {
      flags: '--disk <target=gib>',
      about: 'how large a disk is to be, in GiB; may be repeated',
      parse: diskSizeOf,
    },
    ...SELECTION_OPTIONS,
    outputOption('text for people, or a JSON document for each VM'),
    quietOption('output'),
  ],
  notes: `Disks grow at once, also while the VM runs; what is in them, the guest has to grow. No disk
shrinks, and none grows that another VM stands on.

More CPUs and memory come at once where the VM was started with room for them, else at its next
start; less always at its next start. Which it is stands in the output.`,
  examples: [
    'plow resize --memory 8 my-vm',
    'plow resize --vcpus 4 --memory 16 db',
    'plow resize --disk vda=40 --disk vdb=200 my-vm',
    "plow resize --memory 4 'web-*'",
    'plow resize --memory 4 --tag web',
    'plow resize --vcpus 2 --all',
    'plow resize -o json --memory 4 my-vm | jq -r .status',
    'plow resize --quiet --memory 4 my-vm',
  ],
  run: async ({ args: [names], options, globals, environment }) => {
    const { vcpus, memory: memoryMib, disk: disks = new Map<string, number>() } = options;
    const selection = selectionOf('resize', names, options);
    if (vcpus === undefined && memoryMib === undefined && disks.size === 0)
      throw new PlowError('config', 'resize wants --vcpus, --memory or --disk');
    const { runResize } = await import('./run.ts');
    const all = await allSettingsOf(globals, environment, 'the connection');
    const format = options.quiet === true ? 'quiet' : options.output;
    await runResize({ vcpus, memoryMib, disks }, selection, format, all, environment);
    return 0;
  },
};
