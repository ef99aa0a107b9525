import { EXIT_CODE_TABLE } from '../../options/exit-codes.ts';
import { GLOBAL_OPTIONS, OTHER_VARIABLES } from '../../options/global.ts';
import { commandsOf, usageOf } from '../../record/command.ts';
import type { CommandRecord, ProgramRecord } from '../../record/command.ts';

/** README's tables, each between marks by which `npm run docs` finds its place. */
export function readmeTables(program: ProgramRecord): string {
  return [
    block('commands', [
      ['command', 'what it does'],
      ...commandsOf(program).map((one) => [usageText(one), one.about]),
    ]),
    block('options', [['option', 'variable', 'default', 'what it says'], ...optionRows()]),
    block('exit codes', [
      ['exit code', 'meaning'],
      ...EXIT_CODE_TABLE.map(({ code: number, meaning, more }) => [
        number,
        more === undefined ? meaning : `${meaning}: ${more}`,
      ]),
    ]),
  ].join('\n');
}

function optionRows(): readonly (readonly string[])[] {
  return [
    ...GLOBAL_OPTIONS.map(({ flags, variables, byDefault, about }) => [
      code(flags),
      variables.map(code).join(', '),
      byDefault,
      about,
    ]),
    ...OTHER_VARIABLES.map(({ name, byDefault, about }) => ['', code(name), byDefault, about]),
  ];
}

/** Options are in the help of each command. */
function usageText(record: CommandRecord): string {
  return code(`plow ${usageOf(record).replace(/\s*\[options\]/u, '')}`);
}

function code(text: string): string {
  return `\`${text}\``;
}

function block(name: string, rows: readonly (readonly string[])[]): string {
  return `<!-- ${name}: made by npm run docs -->\n\n${table(rows)}\n\n<!-- end -->\n`;
}

/** Columns are padded, as formatters of Markdown do. */
function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = (cells[0] ?? []).map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[], filler = ' '): string =>
    `| ${widths.map((width, index) => (row[index] ?? '').padEnd(width, filler)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), line([], '-'), ...body.map((row) => line(row))].join('\n');
}
