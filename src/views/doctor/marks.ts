import { Chalk } from 'chalk';
import { PLAIN_MARKS } from './report.ts';
import type { Marks } from './report.ts';

const chalk = new Chalk({ level: 1 });

export const COLOURED_MARKS: Marks = {
  ok: chalk.green(PLAIN_MARKS.ok),
  warning: chalk.yellow(PLAIN_MARKS.warning),
  failure: chalk.red(PLAIN_MARKS.failure),
  unknown: chalk.dim(PLAIN_MARKS.unknown),
  ignored: chalk.dim(PLAIN_MARKS.ignored),
};
