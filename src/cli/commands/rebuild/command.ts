import { CONDITIONS } from '../../../vm/wait/evidence.ts';
import type { Condition } from '../../../vm/wait/evidence.ts';
import { someTimeMs } from '../../options/duration.ts';
import { OUTSIDE_FILES_OPTION } from '../../options/outside-files.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { selectionOf } from '../../options/selection.ts';
import type { CommandRecord } from '../../record/command.ts';
import { YAML_FILES } from '../../record/yaml-files.ts';
import type { RebuildOrder } from './run.ts';

interface Options extends OutputFormat, OutsideFiles {
  readonly image?: string;
  readonly file?: string;
  readonly seedOnly?: boolean;
  readonly undo?: boolean;
  readonly dropOld?: boolean;
  readonly wait?: boolean;
  readonly waitFor?: Condition;
  /** Milliseconds. */
  readonly waitTimeout?: number;
  readonly force?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

export const rebuild: CommandRecord<readonly [string], Options> = {
  name: 'rebuild',
  about: 'give a VM a new boot disk, made of the newest image or another one; all else of it stays',
  summary: 'give a VM a new boot disk; all else of it stays',
  args: [{ usage: '<vm-name>', about: 'name or UUID of a VM that plow made', completes: { kind: 'vms' } }],
  options: [
    { flags: '--image <image>', about: 'name or path of an image on the hypervisor, in place of its own' },
    {
      flags: '--file <config.yaml>',
      about: 'its VM file: the image, the size of the disk and what the guest is told are as it says',
      completes: YAML_FILES,
    },
    {
      flags: '--seed-only',
      about: 'with --file: no new disk; cloud-init runs again with what the file says, at the next boot',
      conflicts: ['image', 'wait', 'waitFor', 'undo', 'dropOld'],
    },
    {
      flags: '--undo',
      about: 'give it the old disk back, and remove the new one',
      conflicts: ['image', 'file', 'wait', 'waitFor', 'dropOld'],
    },
    {
      flags: '--drop-old',
      about: 'remove the old disk, which is kept until then',
      conflicts: ['image', 'file', 'wait', 'waitFor', 'force', 'timeout'],
    },
    {
      flags: '--wait',
      about: 'start it, and wait until it answers to ssh: then the old disk goes, else it comes back',
    },
    {
      flags: '--wait-for <condition>',
      about: 'as --wait, for that',
      choices: CONDITIONS.filter((one) => one !== 'stopped'),
    },
    {
      flags: '--wait-timeout <duration>',
      about: 'how long it may take: 90s, 10m (default: 5m)',
      parse: someTimeMs,
    },
    { flags: '--force', about: 'force it off, without asking its guest', conflicts: ['timeout'] },
    {
      flags: '--timeout <duration>',
      about: 'how long its guest may take to shut down: 90s, 5m (default: 60s)',
      parse: someTimeMs,
    },
    { flags: '-y, --yes', about: 'do not ask for confirmation' },
    OUTSIDE_FILES_OPTION,
    outputOption('text for people, or a JSON document'),
    quietOption('output'),
  ],
  notes: `UUID, MAC addresses, addresses, data disks, UEFI variables, TPM and the ssh host keys that plow
made stay; cloud-init or Ignition sets the new disk up. A VM that runs is shut down first, and started again.

The old disk is kept until --wait has seen that the VM comes up, or --drop-old removes it. --undo brings it
back. A VM that has snapshots, or on whose boot disk others stand, is refused.

On a terminal it asks first. In a pipe, in a script and with -o json it does not.`,
  examples: [
    'plow rebuild web --wait',
    'plow rebuild web --image debian-13',
    'plow rebuild web --image debian-12@20260712 --wait-for cloud-init --wait-timeout 10m',
    'plow rebuild web --file web.yaml --wait',
    'plow rebuild web --file web.yaml --allow-outside-files',
    'plow rebuild web --file web.yaml --seed-only && plow restart web',
    'plow rebuild web && plow ssh web && plow rebuild web --drop-old',
    'plow rebuild web --undo',
    'plow rebuild --force test-1',
    'plow rebuild --timeout 5m db',
    'plow rebuild --yes web',
    'plow rebuild -o json web | jq -r .status',
    'plow rebuild --quiet web',
  ],
  async run({ args: [name], options, globals, environment, refuse }) {
    const { wait = false, waitFor, waitTimeout, seedOnly = false, file } = options;
    const condition = waitFor ?? (wait ? 'ssh' : undefined);
    if (condition === undefined && waitTimeout !== undefined)
      refuse('--wait-timeout goes with --wait or --wait-for');
    if (seedOnly && file === undefined) refuse('--seed-only goes with --file');
    const selection = selectionOf('rebuild', [name], {});
    const { runRebuild } = await import('./run.ts');
    const { placesOf } = await import('../../settings/places.ts');
    const places = await placesOf(globals, environment, 'a place for VMs');
    const order: RebuildOrder = {
      what:
        options.undo === true ? 'undo' : options.dropOld === true ? 'drop-old' : seedOnly ? 'seed' : 'disk',
      image: options.image,
      file,
      wait: condition === undefined ? undefined : { condition, withinMs: waitTimeout },
      isForced: options.force === true,
      withinMs: options.timeout,
      isSure: options.yes === true,
      outside: options,
    };
    const format = options.quiet === true ? 'quiet' : options.output;
    await runRebuild(order, selection, format, places, environment);
    return 0;
  },
};
