import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { shownArguments } from '../record/command.ts';
import type { ArgumentRecord, Call, CommandRecord, GlobalOptions, OptionRecord } from '../record/command.ts';

type Typed = Pick<Call<readonly unknown[], object>, 'args' | 'globals'>;

/** Names of VMs may say on which host they are: `hv2:web`. @throws PlowError (config) */
async function hostsOfVms(
  records: readonly ArgumentRecord[],
  typed: Typed,
  environment: Given['environment'],
): Promise<Typed> {
  const hasColon = typed.args.some(
    (arg, index) =>
      records[index]?.completes?.kind === 'vms' && [arg].flat().some((word) => String(word).includes(':')),
  );
  if (!hasColon) return typed;
  const { takeHosts } = await import('../settings/hosts-of-vms.ts');
  return takeHosts(typed, records, environment);
}

/** What a call has besides what was typed. */
type Given = Pick<Call<readonly unknown[], object>, 'environment' | 'program' | 'showHelp'>;

/** Has commander read the command line of a record. @param endWith takes the exit code */
export function addCommand(
  parent: Command,
  record: CommandRecord,
  given: Given,
  endWith: (exitCode: number) => void,
  isHidden = false,
): void {
  const { name, alias, about, args = [], options = [] } = record;
  const command = parent.command(name, { hidden: isHidden }).description(about);
  if (alias !== undefined) command.alias(alias);
  if (isHidden) command.helpOption(false);
  for (const argument of args) command.addArgument(toArgument(argument));
  command.usage(`[options] ${shownArguments(args)}`.trim());
  for (const option of options) command.addOption(toOption(option));
  const rest = textBelow(record);
  if (rest !== '') command.addHelpText('after', rest);
  command.action(async () => {
    const typed = { args: command.processedArgs, globals: command.optsWithGlobals<GlobalOptions>() };
    endWith(
      await record.run({
        ...given,
        ...(await hostsOfVms(args, typed, given.environment)),
        options: command.opts(),
        refuse: (message) => command.error(`error: ${message}`),
      }),
    );
  });
}

/** Below the options: notes, examples, and what else its own help says. */
function textBelow({ notes, examples, appendix }: CommandRecord): string {
  const title = examples.length === 1 ? 'Example:' : 'Examples:';
  const shown =
    examples.length === 0 ? undefined : [title, ...examples.map((line) => `  ${line}`)].join('\n');
  const text = [notes, shown].filter((part) => part !== undefined).join('\n\n');
  return text === '' ? '' : `\n${text}${appendix === undefined ? '' : `\n\n${appendix}`}`;
}

function toArgument({ usage, about, choices, defaultValue }: ArgumentRecord): Argument {
  const argument = new Argument(usage, about);
  if (choices !== undefined) argument.choices(choices);
  return defaultValue === undefined ? argument : argument.default(defaultValue);
}

export function toOption({
  flags,
  about,
  choices,
  defaultValue,
  conflicts = [],
  parse,
}: OptionRecord): Option {
  const option = new Option(flags, about).conflicts([...conflicts]);
  if (parse !== undefined) option.argParser(parse);
  if (choices !== undefined) option.choices(choices);
  return defaultValue === undefined ? option : option.default(defaultValue);
}
