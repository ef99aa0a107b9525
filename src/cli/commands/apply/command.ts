import { InvalidArgumentError } from 'commander';
import { CONDITIONS } from '../../../vm/wait/evidence.ts';
import type { Condition } from '../../../vm/wait/evidence.ts';
import { someTimeMs } from '../../options/duration.ts';
import { forceAddressOption } from '../../options/force-address.ts';
import type { ForceAddress } from '../../options/force-address.ts';
import { imagesLockOption } from '../../options/images-lock.ts';
import { lifetime } from '../../options/lifetime.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { OUTSIDE_FILES_OPTION } from '../../options/outside-files.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { SET_OPTION } from '../../options/set.ts';
import type { CommandRecord } from '../../record/command.ts';
import { YAML_FILES } from '../../record/yaml-files.ts';
import { placesOf } from '../../settings/places.ts';

const ALLOWED = ['reboot', 'reseed', 'rebuild'] as const;
type Allowed = (typeof ALLOWED)[number];

interface Options extends OutputFormat, OutsideFiles, ForceAddress {
  readonly allow?: readonly Allowed[];
  readonly overwrite?: boolean;
  readonly canary?: number;
  readonly until?: Condition;
  /** Milliseconds. */
  readonly waitTimeout?: number;
  readonly prune?: boolean;
  /** Minutes. */
  readonly undoWithin?: number;
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

export const apply: CommandRecord<readonly [readonly string[]], Options> = {
  name: 'apply',
  about: 'make VMs as their files say: make those that are not there, change those that differ',
  summary: 'make VMs as their files say, and those that are not there',
  args: [
    {
      usage: '[config.yaml...]',
      about:
        'VM files, directories of them, a plan, - for standard input (default: the directory you are in)',
      completes: YAML_FILES,
    },
  ],
  options: [
    {
      flags: '--allow <verdicts>',
      about: 'also what a guest notices: reboot, reseed, rebuild; several with commas, or given again',
      parse: allowedOf,
      completes: { kind: 'words', isList: true, words: () => ALLOWED.map((word) => ({ word })) },
    },
    { flags: '--overwrite', about: 'what was changed by hand is made as the file says too' },
    {
      flags: '--canary <number>',
      about: 'so many VMs first, then the others, never two of one group or host down together',
      parse: canaryCount,
    },
    {
      flags: '--until <condition>',
      about: 'what a VM that was made or taken down is waited for (default: with --canary ssh)',
      choices: CONDITIONS.filter((one) => one !== 'stopped'),
    },
    {
      flags: '--wait-timeout <duration>',
      about: 'how long a VM may take until then: 90s, 10m (default: 5m)',
      parse: someTimeMs,
    },
    {
      flags: '--prune',
      about: 'destroy VMs that have no file any more, of the fleets that the files name (fleet: in them)',
    },
    {
      flags: '--undo-within <duration>',
      about:
        'with --prune: keep them for so long, off and hidden: 45m, 12h, 7d; plow undelete brings them back',
      parse: lifetime,
    },
    { flags: '-y, --yes', about: 'do not ask for confirmation' },
    forceAddressOption('a name of another host, an IP or a MAC address'),
    SET_OPTION,
    OUTSIDE_FILES_OPTION,
    imagesLockOption('beside the VM file'),
    outputOption('text for people, or a JSON document for each VM'),
    quietOption('output'),
  ],
  notes: `All files are read before anything is done: one that is wrong, or two with one VM, and nothing is.
Then it shows what plow diff shows, and what becomes of each change. What no guest notices is done at once. What
waits for a start is stored: the VM has it from its next start on, and --allow reboot restarts it now. What takes
more is left unless it is allowed.

What was changed by hand since plow made the VM is left, and told, unless --overwrite is given; so is a disk that
would shrink, in any case. The exit code is then 4.

VMs of one group (group: in their files) are never taken down together: the next one waits until the last one
is up again, or with --until until it has come so far. Where one of them fails, the others of its group stay up.
With --canary 1 one VM is changed first, and waited for; then the others, in waves of which none has two VMs of
one group or of one host that are taken down. The first failure ends it: what was not begun is named.

With a plan of plow diff --plan-out it does what was shown then, and nothing where anything differs by now.

With --prune VMs are destroyed that have no file among those given, as plow destroy does: those alone that plow
has made, and whose fleet one of these files names. One that is protected, incomplete or on its way stays, and is
told; the exit code is then 4.

In a terminal it asks once before it does anything. In a pipe, in a script and with -o json it does what was
shown; with --prune nothing at all where a VM would be destroyed, unless --yes is given.`,
  examples: [
    'plow apply',
    'plow apply web.yaml',
    'plow apply --set name=web-3 --set network_interfaces.0.ip=10.0.0.3/24 web.yaml',
    'plow apply vms/',
    'plow apply --allow reboot vms/',
    'plow apply p.json                            # of plow diff --plan-out p.json vms/',
    'plow apply --allow reboot,reseed --yes web.yaml',
    'plow apply --overwrite web.yaml              # after a virsh edit',
    `plow apply -o json vms/ | jq -r 'select(.status == "changed") | .name'`,
    'plow apply --allow reboot --canary 1 vms/    # one first; the others once it answers to ssh',
    'plow apply --allow rebuild --canary 2 --until cloud-init --wait-timeout 10m vms/',
    'plow apply --prune vms/                      # VMs of their fleet that have no file any more go',
    'plow apply --prune --undo-within 7d --yes vms/',
    'plow apply --quiet --yes vms/',
    'plow apply --force-address vms/              # where networks of two hosts have the same addresses',
    'plow apply --allow-outside-files web.yaml    # with user_data: ../user-data.yaml in it',
    'plow apply --images-lock ../images.lock vms/   # with image: debian-12 in them',
  ],
  async run({ args: [files], options, globals, environment, refuse }) {
    const { allow = [], overwrite = false, yes = false, quiet, output, forceAddress, ...rest } = options;
    const { prune = false, undoWithin, canary, until, waitTimeout, ...outside } = rest;
    if (undoWithin !== undefined && !prune) refuse('--undo-within goes with --prune');
    const condition = until ?? (canary === undefined ? undefined : 'ssh');
    if (condition === undefined && waitTimeout !== undefined)
      refuse('--wait-timeout goes with --until or --canary');
    const places = await placesOf(globals, environment, 'a place for VMs');
    const { addressGuards } = await import('../../run/address-guard.ts');
    const guardOf = await addressGuards(globals, environment, forceAddress);
    const { runApply } = await import('./run.ts');
    const { WAIT_MS } = await import('../../../vm/wait/wait.ts');
    const given = {
      ...outside,
      format: quiet === true ? 'quiet' : output,
      allowed: {
        reboot: allow.includes('reboot'),
        reseed: allow.includes('reseed'),
        rebuild: allow.includes('rebuild'),
        overwrite,
      },
      canary,
      wait: condition === undefined ? undefined : { condition, withinMs: waitTimeout ?? WAIT_MS },
      prune: prune ? { undoMinutes: undoWithin } : undefined,
      isSure: yes,
      guardOf,
    } as const;
    await runApply(files.length === 0 ? ['.'] : files, given, places, environment);
    return 0;
  },
};

function allowedOf(text: string, before: unknown): readonly Allowed[] {
  const words = text.split(',').map((word) => word.trim());
  const known = words.flatMap((word) => ALLOWED.find((one) => one === word) ?? []);
  if (known.length < words.length)
    throw new InvalidArgumentError(`expected some of ${ALLOWED.join(', ')}, with commas between them.`);
  return [...(Array.isArray(before) ? (before as readonly Allowed[]) : []), ...known];
}

function canaryCount(text: string): number {
  if (/^[1-9]\d{0,4}$/u.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a number of VMs, such as 1.');
}
