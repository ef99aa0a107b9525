import { GLOBAL_PROGRAM_OPTIONS, HELP_OPTION } from '../../options/global.ts';
import { commandCalled, commandsOf, partsOf } from '../../record/command.ts';
import type { ArgumentRecord, CommandRecord, OptionRecord, ProgramRecord } from '../../record/command.ts';
import type { Candidate, Completer } from '../../record/command.ts';

/** What may stand at the end of a command line. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** What else the shell itself is to offer. */
  readonly files?: readonly string[] | 'directories';
  /** VMs of the hypervisor that these options lead to. */
  readonly vms?: {
    readonly options: Readonly<Record<string, string | undefined>>;
    readonly taken: readonly string[];
  };
  /** Hosts of the settings that these options lead to. */
  readonly hosts?: {
    readonly options: Readonly<Record<string, string>>;
    /** What is typed of them already, and what stands before it in the word. */
    readonly current: string;
    readonly prefix: string;
  };
}

const NOTHING: Completion = { candidates: [] };

/** @param words what is typed behind `plow`, the last one still open */
export async function complete(program: ProgramRecord, words: readonly string[]): Promise<Completion> {
  const current = words.at(-1) ?? '';
  const line = readLine(program, words.slice(0, -1));
  if (line.open !== undefined) return completeValue(line.open, current, '', line);
  const equals = current.indexOf('=');
  const flag = current.startsWith('--') && equals !== -1 ? current.slice(0, equals) : undefined;
  if (flag !== undefined) {
    const option = optionsOf(line).find((one) => partsOf(one).long === flag);
    return option === undefined
      ? NOTHING
      : completeValue(option, current.slice(equals + 1), `${flag}=`, line);
  }
  if (current.startsWith('-') && !line.isOver)
    return { candidates: matching(optionsOf(line).flatMap(flagsOf), current) };
  if (line.command === undefined) {
    const names = commandsOf(program).flatMap(({ name, alias, about }) =>
      [name, ...(alias === undefined ? [] : [alias])].map((word) => ({ word, about })),
    );
    return { candidates: matching(names, current) };
  }
  const { args = [] } = line.command;
  const argument = args[line.operands.length] ?? args.findLast(({ usage }) => usage.includes('...'));
  return argument === undefined ? NOTHING : completeValue(argument, current, '', line);
}

/** What was typed before the word that is completed. */
interface Line {
  readonly program: ProgramRecord;
  readonly command: CommandRecord | undefined;
  /** Values of options by their long flag, the last one counts. */
  readonly options: Readonly<Record<string, string>>;
  readonly operands: readonly string[];
  /** An option whose value comes next. */
  readonly open: OptionRecord | undefined;
  /** `--` was there: only operands follow. */
  readonly isOver: boolean;
}

function readLine(program: ProgramRecord, words: readonly string[]): Line {
  let line: Line = {
    program,
    command: undefined,
    options: {},
    operands: [],
    open: undefined,
    isOver: false,
  };
  for (const word of words) line = readWord(line, word);
  return line;
}

function readWord(line: Line, word: string): Line {
  const { open, isOver, command, program, operands, options } = line;
  if (open !== undefined)
    return { ...line, open: undefined, options: { ...options, [partsOf(open).long]: word } };
  if (word === '--' && !isOver) return { ...line, isOver: true };
  if (word.startsWith('-') && word !== '-' && !isOver) {
    const [flag = '', value] = word.split(/=(.*)/su);
    const option = optionsOf(line).find((one) => [partsOf(one).short, partsOf(one).long].includes(flag));
    if (option === undefined) return line;
    const { long, takesValue } = partsOf(option);
    if (value !== undefined) return { ...line, options: { ...options, [long]: value } };
    return takesValue ? { ...line, open: option } : line;
  }
  const found = command === undefined ? commandCalled(program, word) : undefined;
  return found === undefined ? { ...line, operands: [...operands, word] } : { ...line, command: found };
}

function optionsOf({ program, command }: Line): readonly OptionRecord[] {
  if (command === undefined) return program.options;
  return [...(command.options ?? []), HELP_OPTION, ...GLOBAL_PROGRAM_OPTIONS];
}

function flagsOf(option: OptionRecord): readonly Candidate[] {
  const { short, long } = partsOf(option);
  return [long, short].flatMap((word) => (word === undefined ? [] : [{ word, about: option.about }]));
}

async function completeValue(
  place: OptionRecord | ArgumentRecord,
  current: string,
  prefix: string,
  line: Line,
): Promise<Completion> {
  const { completes: completer } = place;
  const choices = (place.choices ?? []).map((word): Candidate => ({ word }));
  if (completer === undefined) return { candidates: prefixed(matching(choices, current), prefix) };
  if (completer.kind === 'words') {
    const words = await completer.words(line.program);
    return {
      candidates: prefixed(
        completer.isList === true ? matchingLast(words, current) : matching(words, current),
        prefix,
      ),
    };
  }
  if (completer.kind === 'hosts')
    return { candidates: [], hosts: { options: line.options, current, prefix } };
  return { candidates: [], ...elsewhere(completer, line) };
}

function elsewhere(
  completer: Exclude<Completer, { kind: 'words' | 'hosts' }>,
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
export function matchingLast(candidates: readonly Candidate[], current: string): readonly Candidate[] {
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
