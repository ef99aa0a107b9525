import type { CommandRecord } from '../../record/command.ts';
import { refuseWrongConfig } from '../../settings/files.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const completion: CommandRecord<readonly [(typeof SHELLS)[number]]> = {
  name: 'completion',
  about: 'print a script by which a shell completes commands, options, VMs and files',
  summary: 'print a script that has a shell complete what is typed',
  args: [{ usage: '<shell>', about: 'which shell', choices: SHELLS }],
  notes: `Put it where the shell finds it:
  bash  source <(plow completion bash)   in ~/.bashrc
  zsh   plow completion zsh > "\${fpath[1]}/_plow"
  fish  plow completion fish > ~/.config/fish/completions/plow.fish
At each Tab the script asks plow, and plow asks the hypervisor for names of VMs. If it does
not answer within half a second (one second on a busy machine), it offers none. hv2: and a Tab
asks that host of the settings file.`,
  examples: [
    'source <(plow completion bash)',
    'plow completion zsh > ~/.zfunc/_plow',
    'plow completion fish > ~/.config/fish/completions/plow.fish',
  ],
  async run({ args: [shell], globals, environment }) {
    await refuseWrongConfig(globals, environment);
    const { COMPLETION_SCRIPTS } = await import('./scripts.ts');
    environment.output.print(COMPLETION_SCRIPTS[shell].trimEnd());
    return 0;
  },
};

/** What the scripts ask at every tab. */
export const complete: CommandRecord<readonly [readonly string[]]> = {
  name: '__complete',
  about: '',
  args: [{ usage: '[words...]', about: '' }],
  examples: [],
  async run({ args: [words], program, environment }) {
    const { answerCompletion } = await import('./answer.ts');
    await answerCompletion(words, program, environment);
    return 0;
  },
};
