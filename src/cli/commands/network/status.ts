import { jsonDocument } from '../../../documents/json-text.ts';
import { EXIT_CODES } from '../../../errors/plow-error.ts';
import { withoutPassword } from '../../../text/secrets.ts';
import { doctorLines, PLAIN_MARKS } from '../../../views/doctor/report.ts';
import { networkStatusDocument } from '../../../views/network/document.ts';
import { networkLines } from '../../../views/network/table.ts';
import { verdict } from '../../../vm/doctor/examine.ts';
import { routingState } from '../../../vm/routing/judge.ts';
import type { Environment } from '../../environment.ts';
import type { OutputFormat } from '../../options/output.ts';
import { runReport } from '../../run/session.ts';
import { tableLook } from '../../run/table-look.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow network status`. @returns the exit code, as that of `doctor` @throws PlowError, Interrupted */
export async function runNetworkStatus(
  format: OutputFormat['output'],
  settings: Settings,
  environment: Environment,
): Promise<number> {
  const { output, columns } = environment;
  const looking = runReport(
    settings,
    environment,
    'stopping here',
    ({ hypervisor }) => routingState(hypervisor),
    { lacks: undefined },
  );
  const state = await looking;
  if (format === 'json') {
    output.print(jsonDocument(networkStatusDocument(withoutPassword(settings.uri), state), 'indented'));
  } else {
    const marks = output.color
      ? (await import('../../../views/doctor/marks.ts')).COLOURED_MARKS
      : PLAIN_MARKS;
    for (const line of networkLines(state, await tableLook(environment))) output.print(line);
    output.print('');
    for (const line of doctorLines(state.findings, marks, output.interactive ? columns : undefined))
      output.print(line);
  }
  const kind = verdict(state.findings);
  return kind === undefined ? 0 : EXIT_CODES[kind];
}
