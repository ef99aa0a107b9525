import type { CommandRecord } from '../../record/command.ts';
import { commandsOf } from '../../record/command.ts';

interface Options {
  readonly output: 'text' | 'man' | 'markdown';
}

const TOPICS = [
  { word: 'options', about: 'options that go with every command' },
  { word: 'exit-codes', about: 'what plow ends with' },
] as const;

/** commander's own says nothing of a command that there is not. */
export const help: CommandRecord<readonly [string | undefined], Options> = {
  name: 'help',
  about: 'show help for a command, or the man page',
  args: [
    {
      usage: '[command]',
      about: 'which one; or options, exit-codes',
      completes: {
        kind: 'words',
        words: (program) => [
          ...commandsOf(program).map(({ name, about }) => ({ word: name, about })),
          ...TOPICS,
        ],
      },
    },
  ],
  options: [
    {
      flags: '-o, --output <format>',
      about: "help for people, or all of it as a man page or as README's tables",
      choices: ['text', 'man', 'markdown'],
      defaultValue: 'text',
    },
  ],
  examples: ['plow help', 'plow help create', 'plow help -o man | man -l -'],
  async run({ args: [name], options: { output }, program, environment, showHelp }) {
    const page = output === 'text' ? TOPICS.find(({ word }) => word === name)?.word : output;
    if (page === undefined) showHelp(name);
    else {
      const { runHelp } = await import('./run.ts');
      runHelp(program, page, environment);
    }
    return 0;
  },
};
