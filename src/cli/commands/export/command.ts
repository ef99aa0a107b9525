import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { completes } from '../../options/completions.ts';
import type { Environment } from '../../environment.ts';
import type { ExportOptions } from './run.ts';
import { settingsOf } from '../../settings/settings.ts';

interface Options extends Partial<Omit<ExportOptions, 'directory'>> {
  readonly all?: boolean;
  readonly directory?: string;
}

/** @param endWith takes the exit code */
export function addExport(
  program: Command,
  environment: Environment,
  endWith: (exitCode: number) => void,
): void {
  program
    .command('export')
    .description('write the YAML file of an existing VM, made by plow or not')
    .addArgument(completes(new Argument('[vm-name...]', 'names of VMs'), { kind: 'vms' }))
    .option('--all', 'every VM of the hypervisor (with -d)')
    .addOption(
      completes(new Option('-d, --directory <dir>', 'write a file NAME.yaml for each into this directory'), {
        kind: 'directories',
      }),
    )
    .option('--force', 'with -d: overwrite files')
    .option('--show-secrets', 'write password hashes and private keys as well')
    .option('--adopt', "write plow's metadata into the VM: from then on plow manages it as one of its own")
    .addHelpText(
      'after',
      `
Tells what is known: from plow's metadata, else from the domain, its be:ef MAC
addresses, its volumes and its seed ISO. What a file cannot say stands in it as
comments; what is missing, plow validate tells. Changes nothing but with --adopt.

Examples:
  plow export web > web.yaml
  plow export --all -d vms && plow validate vms/*.yaml
  plow export --show-secrets --force -d vms web db
  plow export --adopt web > web.yaml`,
    )
    .action(async (names: string[], options: Options, command: Command) => {
      const { all = false, directory, force = false, showSecrets = false, adopt = false } = options;
      if (all ? names.length > 0 : names.length === 0) command.error('error: name VMs, or give --all');
      if (directory === undefined && (all || new Set(names).size > 1))
        command.error('error: several VMs need a directory for their files: -d DIR');
      if (directory === undefined && force) command.error('error: --force goes with -d');
      const { runExport } = await import('./run.ts');
      const settings = await settingsOf(command.optsWithGlobals(), environment, 'everything');
      const wish = { directory, force, showSecrets, adopt };
      endWith(await runExport(all ? 'all' : [...new Set(names)], wish, settings, environment));
    });
}
