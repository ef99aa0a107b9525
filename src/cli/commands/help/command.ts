import { Option } from 'commander';
import type { Command } from 'commander';
import type { Environment } from '../../environment.ts';

/** commander's own says nothing of a command that there is not. */
export function addHelp(program: Command, environment: Environment): void {
  program
    .command('help')
    .description('show help for a command, or the man page')
    .argument('[command]', 'which one')
    .addOption(
      new Option('-o, --output <format>', "help for people, or all of it as a man page or as README's tables")
        .choices(['text', 'man', 'markdown'])
        .default('text'),
    )
    .addHelpText(
      'after',
      `
Examples:
  plow help
  plow help create
  plow help -o man | man -l -`,
    )
    .action(async (name: string | undefined, { output }: { output: 'text' | 'man' | 'markdown' }) => {
      if (output !== 'text') {
        const { runHelp } = await import('./run.ts');
        return runHelp(program, output, environment);
      }
      const command =
        name === undefined
          ? program
          : program.commands.find((one) => one.name() === name || one.aliases().includes(name));
      if (command === undefined)
        return program.error(`error: unknown command '${name ?? ''}'`, { code: 'commander.unknownCommand' });
      return command.outputHelp();
    });
}
