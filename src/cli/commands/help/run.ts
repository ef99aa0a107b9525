import type { Environment } from '../../environment.ts';
import { EXIT_CODE_TABLE } from '../../options/exit-codes.ts';
import type { ProgramRecord } from '../../record/command.ts';
import { aligned } from './first-page.ts';
import { manPage } from './man-page.ts';
import { readmeTables } from './readme-tables.ts';

/** What `plow help` prints besides the help of a command. */
export type HelpPage = 'man' | 'markdown' | 'options' | 'exit-codes';

/**
 * `plow help -o man` and `-o markdown`: what is published of the help; `plow help options` and `exit-codes`.
 */
export function runHelp(
  program: ProgramRecord,
  page: HelpPage,
  { output, version, columns }: Environment,
): void {
  const texts: Readonly<Record<HelpPage, () => string>> = {
    man: () => manPage(program, version),
    markdown: () => readmeTables(program),
    options: () => optionsPage(program, columns),
    'exit-codes': () =>
      aligned(
        EXIT_CODE_TABLE.map(({ code, meaning, more }) => [code, more ? `${meaning}: ${more}` : meaning]),
        columns,
      ),
  };
  output.print(texts[page]().trimEnd());
}

function optionsPage({ options, optionExamples }: ProgramRecord, columns: number | undefined): string {
  const rows = options.map(({ flags, about }) => [flags, about] as const);
  const examples = optionExamples.map((line) => `  ${line}`).join('\n');
  return `Options that go with every command:\n${aligned(rows, columns)}\n\nExamples:\n${examples}`;
}
