import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { completes } from '../../options/completions.ts';
import type { Environment } from '../../environment.ts';
import { settingsOf } from '../../settings/settings.ts';
import type { ShowOptions } from './run.ts';

const FORMATS: readonly ShowOptions['output'][] = ['text', 'json', 'yaml'];

export function addShow(program: Command, environment: Environment): void {
  program
    .command('show')
    .description('show all there is to know of one VM, made by plow or not')
    .addArgument(completes(new Argument('<vm-name>', 'name of the VM'), { kind: 'vms' }))
    .addOption(
      new Option('-o, --output <format>', 'lines for people or one document for programs')
        .choices(FORMATS)
        .default('text'),
    )
    .addOption(new Option('--xml', "print the domain's document, as virsh dumpxml does").conflicts('output'))
    .addHelpText(
      'after',
      `
Differences are what is not everywhere the same: as plow made the VM, as it is stored,
and as it runs. What is stored and does not run yet takes effect when the VM is stopped
and started again; a reboot from inside the guest is not enough.

A QEMU or a guest agent that does not answer is waited for at most 3 seconds. When a QEMU
was started only the hypervisor itself can tell.

Examples:
  plow show my-vm
  plow show my-vm -o json | jq -r '.vm.interfaces[].tap'
  plow show my-vm -o json | jq '.vm.differences[] | select(.needs_restart)'
  plow show my-vm --xml > my-vm.xml`,
    )
    .action(async (name: string, options: ShowOptions, command: Command) => {
      const { runShow } = await import('./run.ts');
      const settings = await settingsOf(command.optsWithGlobals(), environment, 'the connection');
      await runShow(name, options, settings, environment);
    });
}
