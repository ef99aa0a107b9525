import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { settingsOf } from './settings.ts';

export function addList(program: Command, environment: Environment): void {
  program
    .command('list')
    .description('list the VMs that run, made by plow or not')
    .option('--all', 'list stopped VMs as well')
    .addHelpText(
      'after',
      `
Examples:
  plow list
  plow list --all`,
    )
    .action(async ({ all }: { all?: boolean }, command: Command) => {
      const { runList } = await import('./list.ts');
      const settings = await settingsOf(command.optsWithGlobals(), environment, 'the connection');
      await runList({ all: all ?? false }, settings, environment);
    });
}
