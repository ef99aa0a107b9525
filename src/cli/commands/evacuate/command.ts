import type { MoveWish } from '../../../vm/move/move.ts';
import { someTimeMs } from '../../options/duration.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import type { ArgumentRecord, CommandRecord, OptionRecord } from '../../record/command.ts';

interface Options extends OutputFormat {
  readonly to?: string;
  readonly plan?: boolean;
  readonly cold?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly quiet?: boolean;
}

const HOST: ArgumentRecord = {
  usage: '<host>',
  about: 'the hypervisor: a host of the settings file',
  completes: { kind: 'hosts' },
};

const OPTIONS: readonly OptionRecord[] = [
  {
    flags: '--plan',
    about: 'say of each VM whether and how it would be moved, and why not; nothing is changed',
  },
  { flags: '--cold', about: 'stop VMs that run, and start them there' },
  {
    flags: '--timeout <duration>',
    about: 'with --cold: how long a guest may take to shut down: 90s, 5m (default: 60s)',
    parse: someTimeMs,
  },
  outputOption('text for people, or a JSON document for each VM'),
  quietOption('output'),
];

async function wishOf({ plan = false, cold = false, timeout }: Options): Promise<MoveWish> {
  const { SHUTDOWN_MS } = await import('../../../vm/lifecycle/power.ts');
  return { isDryRun: plan, isCold: cold, withinMs: timeout ?? SHUTDOWN_MS };
}

export const evacuate: CommandRecord<readonly [string], Options> = {
  name: 'evacuate',
  about: 'move all VMs of a hypervisor that can be moved to others, and note where they belong',
  summary: 'move all VMs of a hypervisor to others',
  args: [HOST],
  options: [
    {
      flags: '--to <hosts>',
      about: 'hosts that take them, the first that can: hv2,hv3 (default: all other hosts of the settings)',
      completes: { kind: 'hosts' },
    },
    ...OPTIONS,
  ],
  notes: `Each VM goes as by plow move, one after the other, to the first of the hosts that can have it. What
cannot be moved stays, is told with the reasons, and makes the exit code 4. The same command goes on where it was.

Where a VM belongs stands in its metadata, until plow restore brings it home.`,
  examples: [
    'plow evacuate hv1 --plan --cold',
    'plow evacuate hv1',
    'plow evacuate hv1 --cold --timeout 5m',
    'plow evacuate hv1 --to hv2,hv3',
    'plow evacuate hv1 --plan -o json | jq -r \'select(.plan.how == "stays") | .name\'',
    'plow evacuate --quiet hv1',
  ],
  async run({ args: [host], options, globals, environment }) {
    const { runEvacuate } = await import('./run.ts');
    const format = options.quiet === true ? 'quiet' : options.output;
    await runEvacuate(host, options.to?.split(','), await wishOf(options), { format, globals, environment });
    return 0;
  },
};

export const restore: CommandRecord<readonly [string], Omit<Options, 'to'>> = {
  name: 'restore',
  about: 'bring VMs home that plow evacuate has moved away from a hypervisor',
  summary: 'bring VMs home that evacuate has moved away',
  args: [HOST],
  options: OPTIONS,
  notes: `VMs that are at home there are looked for on all other hosts of the settings, and move as by plow
move. One that cannot stays where it is, is told with the reasons, and makes the exit code 4.`,
  examples: [
    'plow restore hv1 --plan --cold',
    'plow restore hv1',
    'plow restore hv1 --cold --timeout 5m',
    'plow restore -o json hv1 | jq -r .status',
    'plow restore --quiet hv1',
  ],
  async run({ args: [host], options, globals, environment }) {
    const { runRestore } = await import('./run.ts');
    const format = options.quiet === true ? 'quiet' : options.output;
    await runRestore(host, await wishOf(options), { format, globals, environment });
    return 0;
  },
};
