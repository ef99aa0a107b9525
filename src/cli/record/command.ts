import type { Environment } from '../environment.ts';

/** What may stand in the place of an option's value or of an argument, besides its choices. */
export type Completer =
  | {
      readonly kind: 'words';
      readonly words: (program: ProgramRecord) => readonly Candidate[] | Promise<readonly Candidate[]>;
      readonly isList?: boolean;
    }
  | { readonly kind: 'files'; readonly endings: readonly string[] }
  | { readonly kind: 'directories' }
  | { readonly kind: 'vms' }
  /** Names of hosts in the settings, and their labels, with commas between them. */
  | { readonly kind: 'hosts' };

export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** What is the same for an option and an argument. */
interface Place {
  readonly about: string;
  readonly choices?: readonly string[];
  readonly defaultValue?: string;
  /** What completion offers besides the choices. */
  readonly completes?: Completer;
}

export interface OptionRecord extends Place {
  /** `--all`, `-o, --output <format>`, `--no-headers` */
  readonly flags: string;
  /** Options that do not go with it, in camel case. */
  readonly conflicts?: readonly string[];
  /** @param before the value of the same option further left @throws InvalidArgumentError of commander */
  readonly parse?: (text: string, before: unknown) => unknown;
}

export interface ArgumentRecord extends Place {
  /** `<vm-name>`, `<file...>`, `[what]` */
  readonly usage: string;
  /** As the usage of the command has it, where the last of several words means something else. */
  readonly shown?: string;
  /** Whether the last of several words is no such thing. @param args of the command */
  readonly endsOtherwise?: (args: readonly unknown[]) => boolean;
}

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly connect?: string;
  /** Names of hosts, `hv1,label:prod`. */
  readonly host?: string;
  /** `if any`: where the settings file has none, as if nothing had been said. */
  readonly allHosts?: boolean | 'if any';
  readonly storagePath?: string;
  readonly verbose?: boolean;
}

/** A command line that was read. */
export interface Call<Args extends readonly unknown[], Options> {
  readonly args: Args;
  readonly options: Options;
  readonly globals: GlobalOptions;
  readonly environment: Environment;
  /** All commands that there are. */
  readonly program: ProgramRecord;
  /** Ends with 1 and the word of where help is. @param message without `error: ` */
  readonly refuse: (message: string) => never;
  /** Prints the help of a command by its name, or that of the program; refuses one that there is not. */
  readonly showHelp: (name: string | undefined) => void;
}

/**
 * All there is to say of a command: help, man page, completion and the tables of the documents are made from
 * it.
 */
export interface CommandRecord<Args extends readonly unknown[] = readonly unknown[], Options = object> {
  readonly name: string;
  readonly alias?: string;
  readonly about: string;
  /** For the first page of the help, where `about` is more than a line. */
  readonly summary?: string;
  readonly args?: readonly ArgumentRecord[];
  readonly options?: readonly OptionRecord[];
  /** Paragraphs below the options. */
  readonly notes?: string;
  readonly examples: readonly string[];
  /** What its own help alone says, below the examples. */
  readonly appendix?: string;
  /** Loads the command's code. @returns the exit code @throws PlowError, Interrupted */
  run(call: Call<Args, Options>): Promise<number>;
}

export interface ProgramRecord {
  readonly about: string;
  /** Those that go with every command, and --version. */
  readonly options: readonly OptionRecord[];
  readonly groups: readonly { readonly title: string; readonly commands: readonly CommandRecord[] }[];
  /** Not in any help. */
  readonly hidden: readonly CommandRecord[];
  readonly examples: readonly string[];
  readonly optionExamples: readonly string[];
}

export function commandsOf({ groups }: ProgramRecord): readonly CommandRecord[] {
  return groups.flatMap(({ commands }) => commands);
}

/** The command of a name or an alias. */
export function commandCalled(program: ProgramRecord, word: string): CommandRecord | undefined {
  return commandsOf(program).find(({ name, alias }) => word === name || word === alias);
}

/** `destroy|rm [options] <vm-name...>` */
export function usageOf({ name, alias, args = [] }: CommandRecord): string {
  const names = alias === undefined ? name : `${name}|${alias}`;
  return [names, '[options]', shownArguments(args)].join(' ').trim();
}

export function shownArguments(args: readonly ArgumentRecord[]): string {
  return args.map(({ usage, shown = usage }) => shown).join(' ');
}

/** `-o`, `--output` and whether a value follows. */
export function partsOf({ flags }: OptionRecord): {
  readonly short: string | undefined;
  readonly long: string;
  readonly takesValue: boolean;
} {
  const words = flags.split(/,? /u);
  return {
    short: words.find((word) => /^-[^-]/u.test(word)),
    long: words.find((word) => word.startsWith('--')) ?? flags,
    takesValue: flags.includes('<'),
  };
}
