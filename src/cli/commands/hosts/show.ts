import { withoutPassword } from '../../../text/secrets.ts';
import { hostDetails } from '../../../vm/hosts/details.ts';
import type { Environment } from '../../environment.ts';
import { LACKS_DIRECTORIES } from '../../run/lacks.ts';
import { runReport } from '../../run/session.ts';
import { tableLook } from '../../run/table-look.ts';
import type { Settings } from '../../settings/settings.ts';
import type { HostsFormat } from './run.ts';

/** `plow hosts show` @throws PlowError, Interrupted */
export async function runHostShow(
  format: HostsFormat,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  const details = await runReport(
    settings,
    environment,
    'stopping here',
    (context) => hostDetails(context, settings.ignores),
    LACKS_DIRECTORIES,
  );
  const named = { name: settings.host, uri: withoutPassword(settings.uri), labels: settings.labels };
  const { hostDocument, hostLines } = await import('../../../views/hosts/details.ts');
  if (format === 'text') {
    for (const line of hostLines(named, details, await tableLook(environment))) output.print(line);
    return;
  }
  const { documentText } = await import('../../../documents/serialize.ts');
  output.print(documentText(hostDocument(named, details), format));
}
