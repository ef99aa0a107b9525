import { PlowError } from './plow-error.ts';

export interface VerdictDetails {
  /** What was waited for. */
  readonly condition: string;
  /** A word for programs. */
  readonly verdict: string;
  /** How far the VM has come, in a word for programs. */
  readonly step: string;
  /** What to do next. */
  readonly hint: string | undefined;
  /** The last lines of its console, printable. */
  readonly lastLines: readonly string[];
}

/** A VM did not become what was waited for. */
export class Verdict extends PlowError {
  readonly condition: string;
  readonly verdict: string;
  readonly step: string;
  readonly lastLines: readonly string[];

  constructor(message: string, { condition, verdict, step, hint, lastLines }: VerdictDetails) {
    super('operation', message, {
      ...(hint === undefined ? {} : { hint }),
      ...(lastLines.length === 0 ? {} : { detail: lastLines.join('\n') }),
    });
    this.condition = condition;
    this.verdict = verdict;
    this.step = step;
    this.lastLines = lastLines;
  }
}
