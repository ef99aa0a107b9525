import { durationMs } from '../../options/duration.ts';
import { lifetime } from '../../options/lifetime.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { SELECTION_OPTIONS, selectionOf, VM_NAMES } from '../../options/selection.ts';
import type { SelectionOptions } from '../../options/selection.ts';
import type { CommandRecord } from '../../record/command.ts';
import { allSettingsOf, settingsOf } from '../../settings/settings.ts';

interface Options extends OutputFormat, SelectionOptions {
  readonly force?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly yes?: boolean;
  readonly ifExists?: boolean;
  readonly keepData?: boolean;
  readonly dropTpm?: boolean;
  readonly plan?: boolean;
  /** Minutes. */
  readonly undoWithin?: number;
  readonly quiet?: boolean;
}

export const destroy: CommandRecord<readonly [readonly string[]], Options> = {
  name: 'destroy',
  alias: 'rm',
  about: 'stop VMs and remove them with their disks; asks the guest first, forces it off after 5 seconds',
  summary: 'stop VMs and remove them with their disks',
  args: [VM_NAMES],
  options: [
    {
      flags: '--force',
      about: 'force guests off at once, without asking',
      conflicts: ['timeout'],
    },
    {
      flags: '--timeout <duration>',
      about: 'how long a guest may take to shut down: 90s, 2m, 0 (default: 5s)',
      parse: durationMs,
    },
    {
      flags: '--plan',
      about: 'say what goes, what stays, and why, and touch nothing',
      conflicts: ['force', 'timeout', 'quiet'],
    },
    { flags: '--keep-data', about: 'leave their data disks; plow create --adopt-data takes them back' },
    {
      flags: '--drop-tpm',
      about:
        'with --keep-data: let the state of their TPMs go, with the keys of disks that guests have sealed',
    },
    {
      flags: '--undo-within <duration>',
      about: 'keep them for so long, off and hidden: 45m, 12h, 7d; plow undelete brings them back',
      parse: lifetime,
      conflicts: ['plan', 'keepData'],
    },
    { flags: '-y, --yes', about: 'do not ask for confirmation' },
    ...SELECTION_OPTIONS,
    { flags: '--if-exists', about: 'a VM that does not exist is no error' },
    outputOption('text for people, or a JSON document for each VM'),
    quietOption('output'),
  ],
  notes: `Removes the domain, its NVRAM, and the files in the VM's own directory that plow made or the
domain names. Anything else is left and named. libvirt's own log of the VM stays on the host.

With --undo-within nothing is removed yet: plow undelete brings the VM back, plow gc ends it after
the time, and a second plow destroy NAME at once. It keeps its name and its addresses until then.

With --keep-data the disk that a VM starts from goes, and its other disks stay in their directory,
with what they hold: plow create --adopt-data makes a VM of that name with them. A disk that stands
on another file, as after a snapshot, cannot be kept so. What a TPM remembers is not kept: a VM that has one
is refused, unless --drop-tpm is given.

Several VMs are stopped at the same time, at most 16. If one cannot be
destroyed, the others still are.

On a terminal it asks before it destroys several VMs, VMs that run, and VMs that plow has not
made. In a pipe, in a script and with -o json it does not ask: VMs that are named go, and those of
a pattern, of --tag and of --all only with --yes.`,
  examples: [
    'plow destroy my-vm',
    'plow rm my-vm',
    'plow destroy web-1 web-2 db',
    "plow destroy 'test-*'",
    'plow destroy --tag blue',
    'plow destroy --all --yes',
    "plow destroy --host hv1,hv2 'test-*'     # of the settings file; or hv1:web hv2:db",
    'plow destroy --timeout 2m db',
    'plow destroy --force test-1 test-2',
    'plow destroy --yes my-vm',
    'plow destroy --plan my-vm',
    'plow destroy --keep-data db && plow create --adopt-data db.yaml',
    'plow destroy --keep-data --drop-tpm db   # whose guest has sealed no data disk with its TPM',
    'plow destroy --undo-within 24h my-vm && plow undelete my-vm',
    'plow destroy --if-exists my-vm && plow create my-vm.yaml',
    "plow destroy -o json my-vm | jq -r '.left[].what'",
    'plow destroy --quiet my-vm',
  ],
  async run({ args: [names], options, globals, environment, refuse }) {
    const { force = false, timeout, yes = false, ifExists = false, plan = false, quiet, output } = options;
    const keepsData = options.keepData === true;
    const dropsTpm = options.dropTpm === true;
    if (dropsTpm && !keepsData) refuse('--drop-tpm goes with --keep-data');
    const selection = selectionOf('destroy', names, options);
    if (plan) {
      const { runPlan } = await import('./plan.ts');
      const settings = await settingsOf(globals, environment, 'the connection');
      await runPlan(
        selection,
        { isJson: output === 'json', ifExists, keepsData, dropsTpm },
        settings,
        environment,
      );
      return 0;
    }
    const { runDestroy } = await import('./run.ts');
    const all = await allSettingsOf(globals, environment, 'the connection');
    const given = {
      format: quiet === true ? 'quiet' : output,
      graceMs: force ? 0 : timeout,
      isForced: force,
      isSure: yes,
      ifExists,
      undoMinutes: options.undoWithin,
      keepsData,
      dropsTpm,
    } as const;
    await runDestroy(selection, given, all, environment);
    return 0;
  },
};
