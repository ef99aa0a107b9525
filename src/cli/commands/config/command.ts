import type { Command } from 'commander';
import type { Environment } from '../../environment.ts';
import { outputOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import type { GlobalOptions } from '../../settings/settings.ts';

export function addConfig(program: Command, environment: Environment): void {
  program
    .command('config')
    .description('print every setting, its value and where it comes from')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
A flag wins over its variable, a variable over the settings file, the file over the default.
Of ~/.config/plow/config.yaml and /etc/plow/config.yaml the first that exists counts, alone.

Examples:
  plow config
  plow --config team.yaml config
  plow config -o json`,
    )
    .action(async ({ output }: OutputFormat, command: Command) => {
      const { runConfig } = await import('./run.ts');
      const options = command.optsWithGlobals<GlobalOptions>();
      await runConfig({ json: output === 'json' }, options, environment);
    });
}
