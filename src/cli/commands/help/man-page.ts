import { commandsOf, usageOf } from '../../record/command.ts';
import type { ArgumentRecord, CommandRecord, OptionRecord, ProgramRecord } from '../../record/command.ts';
import { EXIT_CODE_TABLE } from '../../options/exit-codes.ts';
import { GLOBAL_OPTIONS, OTHER_VARIABLES } from '../../options/global.ts';

/**
 * The man page, in the macros of man(7). It has no date, so that the same program gives the same page.
 * https://man7.org/linux/man-pages/man7/man.7.html
 */
export function manPage(program: ProgramRecord, version: string): string {
  return [
    `.TH PLOW 1 "" "plow ${version}" "User Commands"\n`,
    section('NAME', [
      'plow \\- turn a YAML file into a running VM on a libvirt hypervisor, and take it away again',
    ]),
    section('SYNOPSIS', commandsOf(program).flatMap(synopsis)),
    section('DESCRIPTION', [text(program.about)]),
    section('COMMANDS', commandsOf(program).flatMap(command)),
    section('OPTIONS', ['These go with every command.', ...program.options.flatMap(optionItem)]),
    section('ENVIRONMENT', environment()),
    section(
      'FILES',
      FILES.flatMap(([file, about]) => item(bold(file), text(about))),
    ),
    section(
      'EXIT STATUS',
      EXIT_CODE_TABLE.flatMap(({ code, meaning, more }) =>
        item(bold(code), text(more === undefined ? meaning : `${meaning}: ${more}`)),
      ),
    ),
    section('EXAMPLES', example([...program.examples, ...program.optionExamples])),
    section('SEE ALSO', ['.BR virsh (1),', '.BR virt\\-install (1),', '.BR cloud\\-init (1)']),
  ].join('');
}

const FILES = [
  [
    '~/.config/plow/config.yaml, /etc/plow/config.yaml',
    'settings; of the two the first that exists counts, alone',
  ],
  ['/var/lib/libvirt/images/NAME/', 'disks and seed of the VM NAME, on the hypervisor'],
] as const;

function section(title: string, lines: readonly string[]): string {
  return `.SH ${title}\n${lines.filter((line) => line !== '').join('\n')}\n`;
}

function synopsis(record: CommandRecord): readonly string[] {
  const [name = '', ...rest] = usageOf(record).replace('[options]', '').split(/\s+/u);
  return [`.B plow ${escape(name)}`, `[\\fIoptions\\fR] ${rest.map(escape).join(' ')}`.trim(), '.br'];
}

function command(record: CommandRecord): readonly string[] {
  const { about, args = [], options = [], notes = '', examples } = record;
  return [
    `.SS "plow ${escape(usageOf(record)).replaceAll('"', '')}"`,
    text(capital(about)),
    ...args.flatMap(argumentItem),
    ...options.flatMap(optionItem),
    '.PP',
    text(notes),
    ...example(examples),
  ];
}

function argumentItem({ usage, about, choices }: ArgumentRecord): readonly string[] {
  return item(bold(usage.replaceAll(/[<>[\]]|\.{3}/gu, '')), text(about + choicesOf(choices)));
}

function optionItem({ flags, about, choices, defaultValue }: OptionRecord): readonly string[] {
  const byDefault = defaultValue === undefined ? '' : `; default: ${defaultValue}`;
  return item(bold(flags), text(about + choicesOf(choices) + byDefault));
}

function choicesOf(choices: readonly string[] | undefined): string {
  return choices === undefined ? '' : `: ${choices.join(', ')}`;
}

function environment(): readonly string[] {
  return [
    ...GLOBAL_OPTIONS.flatMap(({ flags, variables }) =>
      variables.flatMap((name) =>
        item(bold(name), text(name === 'NO_COLOR' ? 'no colours, whatever it is set to' : `as ${flags}`)),
      ),
    ),
    ...OTHER_VARIABLES.flatMap(({ name, about, byDefault }) =>
      item(bold(name), text(`${about} (default: ${byDefault})`)),
    ),
  ];
}

function item(tag: string, about: string): readonly string[] {
  return ['.TP', tag, about];
}

function bold(word: string): string {
  return `.B ${escape(word)}`;
}

function example(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['.PP', '.nf', '.RS', ...lines.map(escape), '.RE', '.fi'];
}

/** Paragraphs; lines that are indented stay as they are. */
function text(words: string): string {
  return words
    .split('\n')
    .map((line) => {
      if (line.trim() === '') return '.PP';
      return line.startsWith('  ') ? `.br\n${escape(line)}` : escape(line);
    })
    .join('\n');
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What groff would take for a request, an escape or a hyphen. */
function escape(line: string): string {
  return line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?<mark>[.'])/u, '\\&$<mark>');
}
