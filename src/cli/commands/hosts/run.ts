import { EXIT_CODES } from '../../../errors/plow-error.ts';
import { withoutPassword } from '../../../text/secrets.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { hostsDocument } from '../../../views/hosts/document.ts';
import type { ShownHost } from '../../../views/hosts/document.ts';
import { hostsTable } from '../../../views/hosts/table.ts';
import { hostFacts } from '../../../vm/hosts/facts.ts';
import type { HostFacts } from '../../../vm/hosts/facts.ts';
import type { Environment } from '../../environment.ts';
import { LACKS_DIRECTORIES } from '../../run/lacks.ts';
import { onEachHost, worstOf } from '../../run/hosts/each-host.ts';
import type { OfHost } from '../../run/hosts/each-host.ts';
import { runReport } from '../../run/session.ts';
import { tableLook } from '../../run/table-look.ts';
import type { Settings } from '../../settings/settings.ts';

export type HostsFormat = 'text' | 'json' | 'yaml';

/** `plow hosts` @returns the exit code @throws Interrupted */
export async function runHosts(
  format: HostsFormat,
  all: readonly Settings[],
  environment: Environment,
): Promise<number> {
  const { output } = environment;
  const { signal } = environment.interruptible(undefined);
  const look = (settings: Settings): Promise<HostFacts> =>
    runReport(
      settings,
      environment,
      undefined,
      (context) => hostFacts(context, settings.ignores),
      LACKS_DIRECTORIES,
      all.length > 1,
    );
  const asked = await onEachHost(all, look, undefined, signal);
  const shown = asked.map(shownOf);
  if (format !== 'text') {
    const { documentText } = await import('../../../documents/serialize.ts');
    output.print(documentText(hostsDocument(shown), format));
  } else {
    for (const line of hostsTable(shown, await tableLook(environment)).lines) output.print(line);
    for (const { name, settings, error } of asked) {
      if (error === undefined) continue;
      for (const line of failureLines(error, settings.verbose, name)) output.say(line);
    }
  }
  const worst = worstOf(asked);
  return worst === undefined ? 0 : EXIT_CODES[worst.kind];
}

function shownOf({ settings, result, error }: OfHost<HostFacts>): ShownHost {
  const { host: name, uri, labels } = settings;
  return { name, uri: withoutPassword(uri), labels, facts: result, error };
}
