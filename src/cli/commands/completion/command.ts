import { Argument } from 'commander';
import type { Command } from 'commander';
import type { Environment } from '../../environment.ts';
import { refuseWrongConfig } from '../../settings/files.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function addCompletion(program: Command, environment: Environment): void {
  program
    .command('completion')
    .description('print a script that has a shell complete commands, options, VMs and files')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
Put it where the shell finds it:
  bash  source <(plow completion bash)   in ~/.bashrc
  zsh   plow completion zsh > "\${fpath[1]}/_plow"
  fish  plow completion fish > ~/.config/fish/completions/plow.fish
The script asks plow at every tab, names of VMs from the hypervisor; one that does not
answer within half a second (on a busy machine a second) offers none.

Examples:
  source <(plow completion bash)
  plow completion zsh > ~/.zfunc/_plow
  plow completion fish > ~/.config/fish/completions/plow.fish`,
    )
    .action(async (shell: (typeof SHELLS)[number], _options: object, command: Command) => {
      await refuseWrongConfig(command.optsWithGlobals(), environment);
      const { COMPLETION_SCRIPTS } = await import('./scripts.ts');
      environment.output.print(COMPLETION_SCRIPTS[shell].trimEnd());
    });
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .helpOption(false)
    .action(async (words: readonly string[]) => {
      const { answerCompletion } = await import('./answer.ts');
      await answerCompletion(words, program, environment);
    });
}
