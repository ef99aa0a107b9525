import type { Argument, Command, Option } from 'commander';
import { completerOf } from '../../options/completions.ts';
import type { Candidate, Completer } from '../../options/completions.ts';

/** What may stand at the end of a command line. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** What else the shell itself is to offer. */
  readonly files?: readonly string[] | 'directories';
  /** VMs of the hypervisor that these options lead to. */
  readonly vms?: { readonly options: Readonly<Record<string, string>>; readonly taken: readonly string[] };
}

const NOTHING: Completion = { candidates: [] };

/** @param words what is typed behind `plow`, the last one still open */
export async function complete(program: Command, words: readonly string[]): Promise<Completion> {
  const current = words.at(-1) ?? '';
  const line = readLine(program, words.slice(0, -1));
  if (line.open !== undefined) return completeValue(line.open, current, '', line);
  const equals = current.indexOf('=');
  const flag = current.startsWith('--') && equals !== -1 ? current.slice(0, equals) : undefined;
  if (flag !== undefined) {
    const option = optionsOf(line).find(({ long }) => long === flag);
    return option === undefined
      ? NOTHING
      : completeValue(option, current.slice(equals + 1), `${flag}=`, line);
  }
  if (current.startsWith('-') && !line.isOver)
    return { candidates: matching(optionsOf(line).flatMap(flagsOf), current) };
  if (line.command === program) {
    const commands = program.createHelp().visibleCommands(program);
    return {
      candidates: matching(
        commands.flatMap((one) =>
          [one.name(), ...one.aliases()].map((word) => ({ word, about: one.description() })),
        ),
        current,
      ),
    };
  }
  const { registeredArguments: args } = line.command;
  const argument = args[line.operands.length] ?? args.findLast(({ variadic }) => variadic);
  return argument === undefined ? NOTHING : completeValue(argument, current, '', line);
}

/** What was typed before the word that is completed. */
interface Line {
  readonly program: Command;
  readonly command: Command;
  /** Values of options by their long flag, the last one counts. */
  readonly options: Readonly<Record<string, string>>;
  readonly operands: readonly string[];
  /** An option whose value comes next. */
  readonly open: Option | undefined;
  /** `--` was there: only operands follow. */
  readonly isOver: boolean;
}

function readLine(program: Command, words: readonly string[]): Line {
  let line: Line = { program, command: program, options: {}, operands: [], open: undefined, isOver: false };
  for (const word of words) line = readWord(line, word);
  return line;
}

function readWord(line: Line, word: string): Line {
  const { open, isOver, command, program, operands, options } = line;
  if (open !== undefined)
    return { ...line, open: undefined, options: { ...options, [open.long ?? '']: word } };
  if (word === '--' && !isOver) return { ...line, isOver: true };
  if (word.startsWith('-') && word !== '-' && !isOver) {
    const [flag = '', value] = word.split(/=(.*)/su);
    const option = optionsOf(line).find(({ short, long }) => flag === short || flag === long);
    if (option?.long === undefined) return line;
    if (value !== undefined) return { ...line, options: { ...options, [option.long]: value } };
    return option.required ? { ...line, open: option } : line;
  }
  const found = command === program ? program.commands.find((one) => isCalled(one, word)) : undefined;
  return found === undefined ? { ...line, operands: [...operands, word] } : { ...line, command: found };
}

function isCalled(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}

function optionsOf({ program, command }: Line): readonly Option[] {
  const help = program.createHelp();
  const own = command === program ? [] : help.visibleOptions(command);
  return [
    ...own,
    ...help.visibleOptions(program).filter(({ long }) => long !== '--version' || command === program),
  ].filter(({ long }, index, all) => all.findIndex((other) => other.long === long) === index);
}

function flagsOf({ short, long, description }: Option): readonly Candidate[] {
  return [long, short].flatMap((word) => (word === undefined ? [] : [{ word, about: description }]));
}

async function completeValue(
  place: Option | Argument,
  current: string,
  prefix: string,
  line: Line,
): Promise<Completion> {
  const completer = completerOf(place);
  const choices = (place.argChoices ?? []).map((word): Candidate => ({ word }));
  if (completer === undefined) return { candidates: prefixed(matching(choices, current), prefix) };
  if (completer.kind === 'words') {
    const words = await completer.words();
    return {
      candidates: prefixed(
        completer.isList === true ? matchingLast(words, current) : matching(words, current),
        prefix,
      ),
    };
  }
  return { candidates: [], ...elsewhere(completer, line) };
}

function elsewhere(
  completer: Exclude<Completer, { kind: 'words' }>,
  { options, operands }: Line,
): Partial<Completion> {
  if (completer.kind === 'files') return { files: completer.endings };
  if (completer.kind === 'directories') return { files: 'directories' };
  return { vms: { options, taken: operands } };
}

function matching(candidates: readonly Candidate[], current: string): readonly Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(current));
}

/** Of words with commas between them the last one is open. */
function matchingLast(candidates: readonly Candidate[], current: string): readonly Candidate[] {
  const end = current.lastIndexOf(',') + 1;
  const before = current.slice(0, end);
  const taken = before.split(',');
  const rest = candidates.filter(({ word }) => !taken.includes(word));
  return prefixed(matching(rest, current.slice(end)), before);
}

function prefixed(candidates: readonly Candidate[], prefix: string): readonly Candidate[] {
  return prefix === ''
    ? candidates
    : candidates.map(({ word, ...rest }) => ({ word: prefix + word, ...rest }));
}
