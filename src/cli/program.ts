import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { PlowError } from '../errors/plow-error.ts';
import { printable } from '../text/printable.ts';
import { PROGRAM } from './commands/commands.ts';
import { firstPage } from './commands/help/first-page.ts';
import type { ColourOption, Environment } from './environment.ts';
import { GLOBAL_PROGRAM_OPTIONS } from './options/global.ts';
import { wantsDocument } from './options/wants-document.ts';
import { commandCalled, commandsOf } from './record/command.ts';
import { addCommand, toOption } from './usage/add-command.ts';
import { PlowCommand } from './usage/errors.ts';

const USAGE_ERROR = 1;

/** Runs a command line. @returns the exit code, but of what is thrown @throws PlowError, Interrupted */
export async function runCli(argv: readonly string[], environment: Environment): Promise<number> {
  let exitCode = 0;
  const forPrograms = wantsDocument(argv);
  const refusal: string[] = [];
  const refuse = (text: string): void =>
    void (forPrograms ? refusal.push(text) : environment.output.say(text));
  const program = buildProgram(environment, (code) => void (exitCode = code), refuse);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0 && forPrograms) throw refused(refusal);
    return error.exitCode === 0 ? 0 : USAGE_ERROR;
  }
}

/** What commander said of a command line, with the word of where help is. */
function refused(texts: readonly string[]): PlowError {
  const [message = '', ...rest] = texts.join('\n').split('\n');
  const hint = rest.map((line) => line.replace(/^\((.*)\)$/u, '$1')).filter((line) => line !== '');
  return new PlowError(
    'config',
    message.replace(/^error: /u, ''),
    hint.length > 0 ? { hint: hint.join(' ') } : {},
  );
}

/** What commander reads a command line with. @param refuse takes what is said of one that is refused */
function buildProgram(
  environment: Environment,
  endWith: (exitCode: number) => void,
  refuse: (text: string) => void,
): Command {
  const { output, version, columns } = environment;
  const program = new PlowCommand('plow')
    .description(PROGRAM.about)
    .version(version, '-V, --version', 'print the version; with --verbose, of what it is made of too')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .hook('preAction', (_program, command) => {
      const { color = 'auto' } = command.optsWithGlobals<{ color?: ColourOption }>();
      environment.setColour(color);
    })
    .configureHelp({
      showGlobalOptions: true,
      minWidthToWrap: 20,
      ...(columns === undefined ? {} : { helpWidth: columns }),
    })
    .configureOutput({
      writeOut: (text) => output.print(text.trimEnd()),
      writeErr: (text) => refuse(text.trimEnd().split('\n').map(printable).join('\n')),
    })
    .showSuggestionAfterError(false)
    .exitOverride();
  for (const option of GLOBAL_PROGRAM_OPTIONS) program.addOption(toOption(option));
  const given = { environment, program: PROGRAM, showHelp: helpOf(program) };
  for (const record of commandsOf(PROGRAM)) addCommand(program, record, given, endWith);
  for (const record of PROGRAM.hidden) addCommand(program, record, given, endWith, true);
  program.helpInformation = () => firstPage(PROGRAM, columns);
  return program;
}

function helpOf(program: Command): (word: string | undefined) => void {
  return (word) => {
    const name = word === undefined ? undefined : commandCalled(PROGRAM, word)?.name;
    if (word !== undefined && name === undefined)
      program.error(`error: unknown command '${word}'`, { code: 'commander.unknownCommand' });
    const command = program.commands.find((one) => one.name() === name) ?? program;
    command.outputHelp();
  };
}
