import { partsOf } from '../../record/command.ts';
import type { ProgramRecord } from '../../record/command.ts';

const USUAL_COLUMNS = 80;
const LEAST_COLUMNS = 40;
/** More are in the man page. */
const MOST_EXAMPLES = 3;

/** `plow --help`: a line for each command, by groups, so that it stays on one screen. */
export function firstPage(program: ProgramRecord, columns: number | undefined): string {
  const width = Math.max(
    ...program.groups.flatMap(({ commands }) => commands.map((one) => nameOf(one).length)),
  );
  const flags = program.options.map((option) => {
    const { short, long } = partsOf(option);
    return short === undefined ? long : `${short}/${long}`;
  });
  const blocks = [
    'Usage: plow [options] <command>',
    wrapped(program.about, columns, 0),
    ...program.groups.map(({ title, commands }) => {
      const rows = commands.map((one) => [nameOf(one), one.summary ?? one.about] as const);
      return `${title}:\n${aligned(rows, columns, width)}`;
    }),
    `Options of every command:\n  ${wrapped(flags.join(', '), columns, 2)}`,
    `Examples:\n${program.examples
      .slice(0, MOST_EXAMPLES)
      .map((line) => `  ${line}`)
      .join('\n')}`,
    'More: plow help <command>, plow help options, plow help exit-codes',
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Two columns, the second one wrapped. @param width of the first */
export function aligned(
  rows: readonly (readonly [string, string])[],
  columns: number | undefined,
  width = Math.max(...rows.map(([name]) => name.length)),
): string {
  return rows
    .map(([name, about]) => `  ${name.padEnd(width)}  ${wrapped(about, columns, width + 4)}`)
    .join('\n');
}

function nameOf({ name, alias }: { readonly name: string; readonly alias?: string }): string {
  return alias === undefined ? name : `${name}, ${alias}`;
}

/** @param indent of every line but the first, which stands behind something of that width */
function wrapped(text: string, columns = USUAL_COLUMNS, indent: number): string {
  const room = Math.max(columns, LEAST_COLUMNS) - indent;
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}
