import { outputOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import type { CommandRecord } from '../../record/command.ts';

export const config: CommandRecord<readonly [], OutputFormat> = {
  name: 'config',
  about: 'print every setting, its value and where it comes from',
  options: [outputOption()],
  notes: `A flag wins over its variable, a variable over the settings file, the file over the default.
Of ~/.config/plow/config.yaml and /etc/plow/config.yaml the first that exists counts, alone.`,
  examples: ['plow config', 'plow --config team.yaml config', 'plow config -o json'],
  async run({ options: { output }, globals, environment }) {
    const { runConfig } = await import('./run.ts');
    await runConfig({ json: output === 'json' }, globals, environment);
    return 0;
  },
};
