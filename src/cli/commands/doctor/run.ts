import { EXIT_CODES } from '../../../errors/plow-error.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { withoutPassword } from '../../../text/secrets.ts';
import { doctorDocument } from '../../../views/doctor/document.ts';
import { doctorLines, PLAIN_MARKS } from '../../../views/doctor/report.ts';
import { examine, verdict } from '../../../vm/doctor/examine.ts';
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
  const { output, columns } = environment;
  const examined = await runReport(settings, environment, 'stopping here', examine, LACKS_DIRECTORIES);
  const results = withIgnores(examined, settings.ignores, new Date());
  if (format === 'json') {
    output.print(jsonDocument(doctorDocument(withoutPassword(settings.uri), results), 'indented'));
  } else {
    const marks = output.color
      ? (await import('../../../views/doctor/marks.ts')).COLOURED_MARKS
      : PLAIN_MARKS;
    const width = output.interactive ? columns : undefined;
    for (const line of doctorLines(results, marks, width)) output.print(line);
  }
  const kind = verdict(results);
  return kind === undefined ? 0 : EXIT_CODES[kind];
}
