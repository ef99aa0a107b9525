import { EXIT_CODES } from '../../../errors/plow-error.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { withoutPassword } from '../../../text/secrets.ts';
import { doctorDocument } from '../../../views/doctor/document.ts';
import { doctorLines, PLAIN_MARKS } from '../../../views/doctor/report.ts';
import { examine, verdict } from '../../../vm/doctor/examine.ts';
import type { CheckResult } from '../../../vm/doctor/finding.ts';
import { withIgnores } from '../../../vm/doctor/ignore/ignore.ts';
import type { Environment } from '../../environment.ts';
import { LACKS_DIRECTORIES } from '../../run/lacks.ts';
import { runReport } from '../../run/session.ts';
import type { OutputFormat } from '../../options/output.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow doctor`. @returns the exit code */
export async function runDoctor(
  format: OutputFormat['output'],
  settings: Settings,
  environment: Environment,
): Promise<number> {
  const examined = await runReport(settings, environment, 'stopping here', examine, LACKS_DIRECTORIES);
  const results = withIgnores(examined, settings.ignores, new Date());
  for (const line of await linesOf(results, format, settings, environment)) environment.output.print(line);
  const kind = verdict(results);
  return kind === undefined ? 0 : EXIT_CODES[kind];
}

/** @param host of several: then a document for programs is one line */
export async function linesOf(
  results: readonly CheckResult[],
  format: OutputFormat['output'],
  settings: Settings,
  { output, columns }: Environment,
  host?: string,
): Promise<readonly string[]> {
  if (format === 'json') {
    const document = doctorDocument(withoutPassword(settings.uri), results, host);
    return [jsonDocument(document, host === undefined ? 'indented' : 'line')];
  }
  const marks = output.color ? (await import('../../../views/doctor/marks.ts')).COLOURED_MARKS : PLAIN_MARKS;
  return doctorLines(results, marks, output.interactive ? columns : undefined);
}
