import { Argument } from 'commander';
import type { Command } from 'commander';
import { completes, YAML_FILES } from '../../options/completions.ts';
import type { Environment } from '../../environment.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { outsideFilesOption } from '../../options/outside-files.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { settingsOf } from '../../settings/settings.ts';

interface Options extends OutputFormat, OutsideFiles {
  readonly host?: boolean;
  readonly quiet?: boolean;
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
    .addArgument(
      completes(
        new Argument('<file...>', 'VM configurations; directories of them; - for standard input'),
        YAML_FILES,
      ),
    )
    .option('--host', 'ask the hypervisor too, as create does: bridges, images, names and addresses in use')
    .addOption(outsideFilesOption())
    .addOption(outputOption())
    .addOption(quietOption().conflicts('output'))
    .addHelpText(
      'after',
      `
Names, IP and MAC addresses must differ between the files. Of a directory the files *.yaml and *.yml
in it are checked. Ends with 0 when all are valid, warnings or not.
--host changes nothing, but may start pools of the hypervisor for the time, to see what is in a directory.

Examples:
  plow validate vm.yaml
  plow validate vms/
  plow export web | plow validate -
  plow validate --quiet vms/ && plow create --if-not-exists vms/
  plow validate --host vms/*.yaml
  plow validate --allow-outside-files vms/*.yaml    # with ssh_keys: [{ file: ../keys/team.pub }] in them
  plow validate -o json vms/*.yaml | jq -r '.mistakes[] | "\\(.file):\\(.line): \\(.message)"'`,
    )
    .action(async (files: string[], given: Options, command: Command) => {
      const { runValidate } = await import('./run.ts');
      const { host = false, output, quiet = false } = given;
      const options = { ...given, host, json: output === 'json', quiet };
      const settings = await settingsOf(command.optsWithGlobals(), environment, 'everything');
      endWith(await runValidate(files, options, settings, environment));
    });
}
