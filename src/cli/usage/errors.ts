import { Command } from 'commander';
import type { ErrorOptions, Option } from 'commander';
import { didYouMean } from '../../text/nearest.ts';
import { quote } from '../../text/quote.ts';
import { shellArgument, shellQuote } from '../../text/shell-quote.ts';
import { MEANT_COMMANDS, MEANT_OPTIONS } from './meant-words.ts';

/** A command that says what was meant where its command line is wrong, and which help tells more. */
export class PlowCommand extends Command {
  override createCommand(name?: string): Command {
    return new PlowCommand(name);
  }

  /** @param message commander's own, of which only what was typed is taken */
  override error(message: string, options?: ErrorOptions): never {
    const path = this.parent === null ? 'plow' : `plow ${this.name()}`;
    this.showHelpAfterError(
      `(${path} --help shows ${this.parent === null ? 'the commands and options' : 'more'})`,
    );
    return super.error(usageError(this, message, options?.code), options);
  }
}

function usageError(command: Command, message: string, code: string | undefined): string {
  const [first = '', second = ''] = Array.from(
    message.matchAll(/'(?<word>.*?)'(?=[\s.]|$)/gsu),
    ([, word]) => word ?? '',
  );
  switch (code ?? '') {
    case 'commander.unknownCommand':
      return `error: there is no command ${shown(first)}${meantCommand(command, first)}`;
    case 'commander.unknownOption':
      return `error: there is no option ${shown(first)}${meantOption(command, first)}`;
    case 'commander.excessArguments':
      return `error: ${tooMany(command)}`;
    case 'commander.missingArgument':
      return `error: ${command.name()} wants ${argumentsOf(command)}`;
    case 'commander.optionMissingArgument':
      return `error: ${first} wants a value`;
    case 'commander.conflictingOption':
      return `error: ${flag(first)} and ${flag(second)} do not go together`;
    case 'commander.invalidArgument':
      return invalidValue(message) ?? message;
    case undefined:
    default:
      return message;
  }
}

/** As a message may show what somebody typed. */
function shown(word: string): string {
  return `'${quote(word).slice(1, -1)}'`;
}

function flag(flags: string): string {
  return flags.split(/[ ,]/u)[0] ?? flags;
}

function meantCommand(command: Command, word: string): string {
  const meant = Object.hasOwn(MEANT_COMMANDS, word) ? MEANT_COMMANDS[word] : undefined;
  if (meant !== undefined)
    return meant.startsWith('plow ') ? `; did you mean ${meant}?` : `; there is ${meant}`;
  const commands = command.createHelp().visibleCommands(command);
  return didYouMean(
    word,
    commands.flatMap((one) => [one.name(), ...one.aliases()]),
  );
}

function meantOption(command: Command, flags: string): string {
  const [word = ''] = flags.split('=');
  const options = optionsOf(command);
  const meant = (Object.hasOwn(MEANT_OPTIONS, word) ? (MEANT_OPTIONS[word] ?? []) : [])
    .map((long) => options.find((one) => one.long === long))
    .find((option) => option !== undefined);
  if (meant !== undefined) return `; did you mean ${meant.short ?? meant.long ?? ''}?`;
  const names = options.flatMap(({ long }) => (long === undefined ? [] : [long.slice(2)]));
  // Without the dashes, which all have in common.
  return word.startsWith('--') ? didYouMean(word.slice(2), names).replace(/(?<=')(?=[^']+'\?$)/u, '--') : '';
}

function optionsOf(command: Command): readonly Option[] {
  const own = command.createHelp().visibleOptions(command);
  return command.parent === null ? own : [...own, ...optionsOf(command.parent)];
}

function tooMany(command: Command): string {
  const { args, registeredArguments } = command;
  const [extra = ''] = args.slice(registeredArguments.length);
  const name = command.name();
  if (name === 'list') {
    const filter = shellQuote(`name=${extra}`);
    return `list takes no name: plow show ${shellArgument(extra)}, or plow list --filter ${filter}`;
  }
  const takes = registeredArguments.length === 0 ? 'nothing but options' : `only ${argumentsOf(command)}`;
  return `${name} takes ${takes}, and ${shown(extra)} is too much`;
}

function argumentsOf(command: Command): string {
  return command.usage().replace(/^\[options\]\s*/u, '');
}

const INVALID =
  /^error: (?:option '(?<flags>.*)' argument|command-argument value) '(?<value>.*)' is invalid(?: for argument '(?<argument>.*)')?\. (?:Allowed choices are (?<choices>.*)\.|(?<why>.*))$/su;

function invalidValue(message: string): string | undefined {
  const { flags, value = '', argument, choices, why = '' } = INVALID.exec(message)?.groups ?? {};
  const what = flags ?? (argument === undefined ? undefined : `<${argument}>`);
  if (what === undefined) return undefined;
  if (choices === undefined) return `error: ${what} cannot be ${shown(value)}: ${why}`;
  return `error: ${what} is one of ${choices}, not ${shown(value)}${didYouMean(value, choices.split(', '))}`;
}
