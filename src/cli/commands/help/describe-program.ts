import type { Argument, Command, Option } from 'commander';

/** What the man page, README's tables and completion are made from: the same that --help prints. */
export interface CommandDescription {
  readonly name: string;
  readonly about: string;
  /** `create [options] <config.yaml>`, `list|ls [options]` */
  readonly usage: string;
  readonly args: readonly Argument[];
  readonly options: readonly Option[];
  /** Paragraphs behind the options. */
  readonly notes: string;
  readonly examples: readonly string[];
}

export interface ProgramDescription extends CommandDescription {
  readonly commands: readonly CommandDescription[];
}

export function describeProgram(program: Command): ProgramDescription {
  const commands = program.createHelp().visibleCommands(program);
  return { ...describe(program), commands: commands.map(describe) };
}

function describe(command: Command): CommandDescription {
  const { notes, examples } = helpText(command);
  return {
    name: command.name(),
    about: command.description(),
    usage: `${[command.name(), ...command.aliases()].join('|')} ${command.usage()}`.trim(),
    args: command.registeredArguments,
    options: command
      .createHelp()
      .visibleOptions(command)
      .filter(({ hidden }) => !hidden),
    notes,
    examples,
  };
}

/** What `addHelpText('after', ...)` was given: notes, `Examples:`, and lines that are indented. */
function helpText(command: Command): { readonly notes: string; readonly examples: readonly string[] } {
  const before = command.configureOutput();
  let text = '';
  command.configureOutput({ writeOut: (part) => void (text += part) });
  command.outputHelp();
  command.configureOutput(before);
  const [notes = '', rest = ''] = text.slice(command.helpInformation().length).split(/^Examples?:$/mu);
  const lines = rest.split('\n').slice(1);
  const end = lines.findIndex((line) => !line.startsWith('  '));
  return {
    notes: notes.trim(),
    examples: lines.slice(0, end === -1 ? undefined : end).map((line) => line.slice(2)),
  };
}
