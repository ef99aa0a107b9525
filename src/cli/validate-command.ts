import { Argument } from 'commander';
import type { Command } from 'commander';
import { completes, YAML_FILES } from './completions.ts';
import type { Environment } from './environment.ts';
import { outputOption } from './output-option.ts';
import type { OutputFormat } from './output-option.ts';
import { settingsOf } from './settings.ts';

interface Options extends OutputFormat {
  readonly host?: boolean;
}

/** @param endWith takes the exit code */
export function addValidate(
  program: Command,
  environment: Environment,
  endWith: (exitCode: number) => void,
): void {
  program
    .command('validate')
    .description('check YAML files without making anything; each mistake with its line')
    .addArgument(completes(new Argument('<file...>', 'VM configurations'), YAML_FILES))
    .option('--host', 'ask the hypervisor too, as create does: bridges, images, names and addresses in use')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Names, IP and MAC addresses must differ between the files. Ends with 0 when all are valid, warnings or not.
--host changes nothing, but may start pools of the hypervisor for the time, to see what is in a directory.

Examples:
  plow validate vm.yaml
  plow validate vms/*.yaml
  plow validate --host vms/*.yaml
  plow validate -o json vms/*.yaml | jq -r '.mistakes[] | "\\(.file):\\(.line): \\(.message)"'`,
    )
    .action(async (files: string[], { host, output }: Options, command: Command) => {
      const { runValidate } = await import('./validate.ts');
      const options = { host: host ?? false, json: output === 'json' };
      const settings = await settingsOf(command.optsWithGlobals(), environment, 'everything');
      endWith(await runValidate(files, options, settings, environment));
    });
}
