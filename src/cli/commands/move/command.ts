import { PlowError } from '../../../errors/plow-error.ts';
import { someTimeMs } from '../../options/duration.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { checkVmName } from '../../options/vm-name.ts';
import type { CommandRecord } from '../../record/command.ts';

interface Options extends OutputFormat {
  readonly to?: string;
  readonly cold?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly dryRun?: boolean;
  readonly resume?: boolean;
  readonly abort?: boolean;
  readonly quiet?: boolean;
}

export const move: CommandRecord<readonly [string], Options> = {
  name: 'move',
  about: 'move a VM with its disks, addresses and seed to another hypervisor',
  summary: 'move a VM to another hypervisor',
  args: [{ usage: '<vm-name>', about: 'name or UUID of a VM that plow made', completes: { kind: 'vms' } }],
  options: [
    {
      flags: '--to <host>',
      about: 'where it goes: a host of the settings file, or a URI',
      completes: { kind: 'hosts' },
    },
    { flags: '--cold', about: 'stop a VM that runs, and start it there' },
    {
      flags: '--timeout <duration>',
      about: 'with --cold: how long its guest may take to shut down: 90s, 5m (default: 60s)',
      parse: someTimeMs,
    },
    { flags: '--dry-run', about: 'look at both hypervisors, and print what would go along' },
    { flags: '--resume', about: 'go on with a move that did not end', conflicts: ['to', 'dryRun', 'abort'] },
    {
      flags: '--abort',
      about: 'take back a move that did not end',
      conflicts: ['to', 'dryRun', 'cold', 'timeout'],
    },
    outputOption('text for people, or a JSON document'),
    quietOption('output'),
  ],
  notes: `The VM is there with its name, UUID, addresses, disks, seed, UEFI variables, console log, autostart
and all that plow knows of it, and gone here. All goes through this machine, without the holes of
sparse files, and each part is read back and compared. A base image that is not there goes along
once. What is in the way on either side is told at once, before anything is changed.

Until the switch the VM is here, from then on there; no other command changes it meanwhile. Whatever
fails, the same command goes on, --resume too, and --abort goes back.`,
  examples: [
    'plow --host hv1 move web --to hv2',
    'plow move web --to hv2 --dry-run',
    'plow move web --to hv2 --cold',
    'plow move web --to hv2 --cold --timeout 5m',
    'plow move web --to qemu+ssh://root@hv2/system',
    'plow move --resume web',
    'plow move --abort web',
    'plow move -o json web --to hv2 | jq -r .status',
    'plow move --quiet web --to hv2',
  ],
  async run({ args: [name], options, globals, environment }) {
    checkVmName('move', name);
    const { to, cold: isCold = false, timeout, dryRun: isDryRun = false } = options;
    const waits = options.resume === true ? 'resume' : options.abort === true ? 'abort' : undefined;
    if (to === undefined && waits === undefined) {
      throw new PlowError('config', 'move wants the hypervisor that the VM goes to', {
        hint: '--to hv2 names one, as the settings file does',
      });
    }
    const { runMove } = await import('./run.ts');
    const { SHUTDOWN_MS } = await import('../../../vm/lifecycle/power.ts');
    const withinMs = timeout ?? SHUTDOWN_MS;
    const format = options.quiet === true ? 'quiet' : options.output;
    await runMove(name, { to, waits, isCold, withinMs, isDryRun }, format, globals, environment);
    return 0;
  },
};
