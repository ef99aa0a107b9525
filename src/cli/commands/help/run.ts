import type { Command } from 'commander';
import { describeProgram } from './describe-program.ts';
import type { Environment } from '../../environment.ts';
import { manPage } from './man-page.ts';
import { readmeTables } from './readme-tables.ts';

/** `plow help -o man` and `-o markdown`: what is published of the help. */
export function runHelp(
  program: Command,
  format: 'man' | 'markdown',
  { output, version }: Environment,
): void {
  const description = describeProgram(program);
  output.print(
    format === 'man' ? manPage(description, version).trimEnd() : readmeTables(description).trimEnd(),
  );
}
