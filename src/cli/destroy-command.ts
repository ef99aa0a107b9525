import { Argument } from 'commander';
import type { Command } from 'commander';
import { completes } from './completions.ts';
import type { Environment } from './environment.ts';
import { settingsOf } from './settings.ts';

export function addDestroy(program: Command, environment: Environment): void {
  program
    .command('destroy')
    .alias('rm')
    .description(
      'stop a VM and remove it with its disks; asks the guest first, forces it off after 5 seconds',
    )
    .addArgument(completes(new Argument('<vm-name>', 'name of the VM'), { kind: 'vms' }))
    .addHelpText(
      'after',
      `
Removes the domain, its NVRAM, and the files in the VM's own directory that plow made or the
domain names. Anything else is left and named. libvirt's own log of the VM stays on the host.

Examples:
  plow destroy my-vm
  plow rm my-vm`,
    )
    .action(async (name: string, _options: unknown, command: Command) => {
      const { runDestroy } = await import('./destroy.ts');
      const settings = await settingsOf(command.optsWithGlobals(), environment, 'the connection');
      await runDestroy(name, settings, environment);
    });
}
