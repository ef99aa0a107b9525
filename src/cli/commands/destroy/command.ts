import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { completes } from '../../options/completions.ts';
import { durationMs } from '../../options/duration.ts';
import type { Environment } from '../../environment.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { settingsOf } from '../../settings/settings.ts';

interface Options extends OutputFormat {
  readonly force?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly yes?: boolean;
  readonly ifExists?: boolean;
  readonly quiet?: boolean;
}

export function addDestroy(program: Command, environment: Environment): void {
  program
    .command('destroy')
    .alias('rm')
    .description(
      'stop VMs and remove them with their disks; asks the guest first, forces it off after 5 seconds',
    )
    .addArgument(completes(new Argument('<vm-name...>', 'names or UUIDs of VMs'), { kind: 'vms' }))
    .addOption(
      new Option('--force', 'force guests off at once, and ask nothing on a terminal').conflicts('timeout'),
    )
    .addOption(
      new Option(
        '--timeout <duration>',
        'how long a guest may take to shut down: 90s, 2m, 0 (default: 5s)',
      ).argParser(durationMs),
    )
    .option('-y, --yes', 'ask nothing on a terminal')
    .option('--if-exists', 'a VM that does not exist is no error')
    .addOption(outputOption('lines for people, or for programs a document for each VM'))
    .addOption(quietOption().conflicts('output'))
    .addHelpText(
      'after',
      `
Removes the domain, its NVRAM, and the files in the VM's own directory that plow made or the
domain names. Anything else is left and named. libvirt's own log of the VM stays on the host.

Several VMs are stopped at the same time, at most 16. One that
cannot be destroyed keeps none of the others.

On a terminal it asks before it destroys VMs that run, and VMs that plow has not made. In a pipe
or a script it asks nothing, and with -o json neither.

Examples:
  plow destroy my-vm
  plow rm my-vm
  plow destroy web-1 web-2 db
  plow destroy --timeout 2m db
  plow destroy --force test-1 test-2
  plow destroy --yes my-vm
  plow destroy --if-exists my-vm && plow create my-vm.yaml
  plow destroy -o json my-vm | jq -r '.left[].what'
  plow destroy --quiet my-vm`,
    )
    .action(async (names: string[], options: Options, command: Command) => {
      const { force = false, timeout, yes = false, ifExists = false, quiet, output } = options;
      const { runDestroy } = await import('./run.ts');
      const settings = await settingsOf(command.optsWithGlobals(), environment, 'the connection');
      const wish = {
        format: quiet === true ? 'quiet' : output,
        graceMs: force ? 0 : timeout,
        mayAsk: !force && !yes,
        ifExists,
      } as const;
      await runDestroy(names, wish, settings, environment);
    });
}
