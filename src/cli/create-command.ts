import { Argument } from 'commander';
import type { Command } from 'commander';
import { completes, YAML_FILES } from './completions.ts';
import type { Environment } from './environment.ts';
import { outputOption } from './output-option.ts';
import type { OutputFormat } from './output-option.ts';
import { settingsOf } from './settings.ts';

interface CreateOptions extends OutputFormat {
  readonly dryRun?: boolean;
  readonly showSecrets?: boolean;
}

export function addCreate(program: Command, environment: Environment): void {
  program
    .command('create')
    .description('create a VM from a YAML file and start it (sizes in GiB)')
    .addArgument(completes(new Argument('<config.yaml>', 'VM configuration'), YAML_FILES))
    .option('--dry-run', 'check what can be checked without a change, and print what would be made')
    .option('--show-secrets', 'with --dry-run: print password hashes and private keys as well')
    .addOption(outputOption('with --dry-run: documents for people or one for programs'))
    .addHelpText(
      'after',
      `
Examples:
  plow create examples/simple-vm.yaml
  plow create --dry-run vm.yaml
  plow create --dry-run --show-secrets -o json vm.yaml
  PLOW_VIRT_TYPE=qemu plow create vm.yaml     # emulate, where there is no KVM

The least that a file says:
  name: my-vm
  vcpus: 2
  memory_gib: 4
  boot_disk: { size_gb: 20, image: /var/lib/libvirt/images/debian-12.qcow2 }
  network_interfaces:
    - { ip: 10.20.30.40/24, gateway: 10.20.30.1, bridge: br0 }
plow schema -o markdown explains every key.`,
    )
    .action(
      async (file: string, { dryRun, showSecrets = false, output }: CreateOptions, command: Command) => {
        const settings = await settingsOf(command.optsWithGlobals(), environment, 'everything');
        if (dryRun === true) {
          const { runDryRun } = await import('./dry-run.ts');
          return runDryRun(file, { showSecrets, json: output === 'json' }, settings, environment);
        }
        if (showSecrets || output === 'json')
          command.error('error: --show-secrets and -o json go with --dry-run');
        const { runCreate } = await import('./create.ts');
        return runCreate(file, settings, environment);
      },
    );
}
